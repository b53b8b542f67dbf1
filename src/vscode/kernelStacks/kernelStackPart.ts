import { type CancellationToken, Disposable, languages, type TextDocument, Uri, workspace } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { type SourceExcerpt, type SourceQuery, type StackAnswer, type StackQuery, stackMethods } from "../../protocol/kernelStacks";
import type { ServerPart } from "../languageServer/languageServer";
import type { Services } from "../services";
import { namesFiles, settings } from "../settings";
import { sourceScheme } from "../sources/sourceUri";
import { answerStacks } from "./answerStacks";
import { EarlyUnderlines } from "./earlyUnderlines";
import { mayHoldStack } from "./mayHoldStack";

/** Kernel stacks in any text, on the side that has the hosts: answers the server's questions, and tells it when the answers changed. */
export function kernelStackPart(services: Pick<Services, "hosts" | "sources" | "namedVmlinux">): ServerPart {
  const { hosts, sources, namedVmlinux } = services;
  const uriOf = (host: string, file: string): string => sources.uriOf(host, file).toString();
  const underlines = new EarlyUnderlines(isOurs);
  return {
    wants: (document, changed) => isOurs(document) && mayHoldStack(changed ?? document.getText()),
    initializationOptions: () => ({ stacks: settings.stacks() }),
    middleware: {
      provideDocumentLinks: async (document, token, next) => {
        const links = await next(document, token);
        if (!token.isCancellationRequested) underlines.end(document);
        return links;
      },
    },
    attach: (client) =>
      Disposable.from(
        underlines,
        client.onRequest(stackMethods.resolve, (queries: readonly StackQuery[], token: CancellationToken): Promise<readonly StackAnswer[]> => answerStacks({ hosts, uriOf, named: namedVmlinux() }, queries, signalOf(token))),
        client.onRequest(stackMethods.source, async ({ uri, line, around }: SourceQuery): Promise<SourceExcerpt | null> => {
          const text = await textOf(sources, Uri.parse(uri)).catch(() => undefined);
          if (text === undefined) return null;
          const first = Math.max(1, line - around);
          return { first, lines: text.split("\n", line + around).slice(first - 1) };
        }),
        workspace.onDidChangeConfiguration((change) => {
          if (change.affectsConfiguration("knetscope.stacks")) notify(client, stackMethods.configure, settings.stacks());
          if (namesFiles(change)) notify(client, stackMethods.stale);
        }),
        hosts.onChange(whenHostsChange(services, () => notify(client, stackMethods.stale))),
      ),
  };
}

/** Source of a host's kernel, or a file of a tree on this machine. */
async function textOf(sources: Services["sources"], uri: Uri): Promise<string> {
  return uri.scheme === sourceScheme ? (await sources.load(uri)).text : Buffer.from(await workspace.fs.readFile(uri)).toString();
}

function isOurs(document: TextDocument): boolean {
  const { languages: ids, files } = settings.stacks();
  return document.languageId === "kernel-stack" || ids.includes(document.languageId) || files.some((pattern) => languages.match({ pattern }, document) > 0);
}

/** The registry also reports steps of a connection; only other hosts or another active one change answers. */
function whenHostsChange({ hosts }: Pick<Services, "hosts">, changed: () => void): () => void {
  const state = (): string => [hosts.active?.name ?? "", ...hosts.connected().map(({ name }) => name)].join("\n");
  let last = state();
  return () => {
    const next = state();
    if (next !== last) changed();
    last = next;
  };
}

function notify(client: LanguageClient, method: string, parameter?: object): void {
  // A server that just ended is started again with the settings as they then are.
  void client.sendNotification(method, parameter).catch(() => undefined);
}

function signalOf(token: CancellationToken): AbortSignal {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}
