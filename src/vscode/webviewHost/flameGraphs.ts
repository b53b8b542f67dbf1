import { env, Uri, ViewColumn, type WebviewPanel, window, workspace } from "vscode";
import type { Disposable } from "../../base/disposable";
import { RpcPeer } from "../../protocol/rpc";
import type { FlameExtensionMethods, FlameGraphData, FlamePageMethods } from "../../protocol/flameGraph";
import { writeWeighted } from "../../stacks/exchange/writeStacks";
import type { WeightedStack } from "../../stacks/model/weightedStack";
import type { SourcePlace } from "../../stacks/stack";
import { Throttle } from "../async/throttle";
import { pageHtml } from "./pageHtml";

/** What a flame graph shows, and where its lines lead. */
export interface FlameContent {
  readonly title: string;
  data(byLine: boolean): Promise<FlameGraphData>;
  /** What “Save as” writes. */
  stacks(): readonly WeightedStack[];
  /** Fails with a sentence for the user. */
  open(place: SourcePlace): Promise<void>;
  /** Of a trace that goes on: called with each change. */
  onChange?(listener: () => void): Disposable;
}

/** A running trace is drawn anew at most this often. Milliseconds. */
const redrawInterval = 2000;

/** Opens flame graphs, each in an editor of its own. */
export class FlameGraphs implements Disposable {
  private readonly panels = new Set<WebviewPanel>();
  /** Pages that have come up and asked for their data. */
  loadedPages = 0;

  constructor(private readonly extensionUri: Uri) {}

  open(content: FlameContent): void {
    const panel = window.createWebviewPanel("knetscope.flameGraph", content.title, ViewColumn.Active, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [Uri.joinPath(this.extensionUri, "dist", "webview"), Uri.joinPath(this.extensionUri, "media")],
    });
    const rpc = this.connect(panel, content);
    const throttle = new Throttle(() => void rpc.call("changed", undefined).catch(() => undefined), redrawInterval);
    const subscription = content.onChange?.(throttle.trigger);
    this.panels.add(panel);
    panel.onDidDispose(() => {
      this.panels.delete(panel);
      throttle.dispose();
      subscription?.dispose();
      rpc.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, this.extensionUri, "flamegraph", content.title);
  }

  dispose(): void {
    for (const panel of [...this.panels]) panel.dispose();
  }

  private connect(panel: WebviewPanel, content: FlameContent): RpcPeer<FlameExtensionMethods, FlamePageMethods> {
    const rpc = new RpcPeer<FlameExtensionMethods, FlamePageMethods>((message) => panel.webview.postMessage(message), {
      load: ({ byLine }) => {
        this.loadedPages++;
        return content.data(byLine);
      },
      open: async (place) => {
        await content.open(place);
        return undefined;
      },
      copy: async ({ text }) => {
        await env.clipboard.writeText(text);
        return undefined;
      },
      export: async ({ format }) => {
        const ending = { folded: "folded", speedscope: "speedscope.json", "perf-script": "perf.txt" }[format];
        return saveText(`${content.title}.${ending}`, "Save Stacks", writeWeighted(content.stacks(), format, content.title));
      },
    });
    panel.webview.onDidReceiveMessage((message) => rpc.receive(message));
    return rpc;
  }
}

/** @returns false when the user thought better of it */
export async function saveText(name: string, title: string, text: string): Promise<boolean> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const file = name.replace(/[^\w.@-]+/g, "_");
  const target = await window.showSaveDialog({ title, ...(folder ? { defaultUri: Uri.joinPath(folder, file) } : {}) });
  if (!target) return false;
  await workspace.fs.writeFile(target, Buffer.from(text));
  window.setStatusBarMessage(`Saved ${target.fsPath}`, 5000);
  return true;
}
