import { type ExtensionContext, ExtensionMode, workspace } from "vscode";
import { parseFrame } from "../stacks/parseFrame";
import { registerCommands } from "./commands/commandTable";
import { openFrame } from "./commands/source/goToLocation";
import type { LanguageServer } from "./languageServer/languageServer";
import { chooseHost } from "./hosts/chooseHost";
import { createServices } from "./createServices";
import type { Services } from "./services";
import { sourceDecorations } from "./sources/sourceDecorations";
import { sourceStatus } from "./sources/sourceStatus";
import { sourceScheme } from "./sources/sourceUri";
import type { TerminalFrame } from "./stackDocuments/terminalFrames";
import { terminalLinks } from "./stackDocuments/terminalLinks";
import { statusBar } from "./views/statusBar";

let running: Services | undefined;
let server: LanguageServer | undefined;

/** What it gives is for tests that run in the extension host; other extensions get nothing. */
export function activate(context: ExtensionContext): Services | undefined {
  const services = createServices(context);
  running = services;
  server = services.languageServer();
  context.subscriptions.push(
    registerCommands(services),
    workspace.registerFileSystemProvider(sourceScheme, services.sources, { isReadonly: true, isCaseSensitive: true }),
    services.stacks.register(),
    services.explanations.register(),
    sourceDecorations(services.traces),
    sourceStatus(services.sources),
    statusBar(services.hosts, services.traces),
    terminalLinks((frame, terminal) => openTerminalFrame(services, frame, terminal)),
  );
  return context.extensionMode === ExtensionMode.Test ? services : undefined;
}

/** The editor waits for this: traces end in order and links close before the process does. */
export async function deactivate(): Promise<void> {
  await server?.dispose();
  await running?.traces.stopAll();
  await running?.hosts.dispose();
  running = undefined;
}

/** A frame in a terminal of ours (`web1`, `resets.bt on web1`) belongs to that host; in any other, to the active one. */
async function openTerminalFrame(services: Services, { text, kind }: TerminalFrame, terminal: string): Promise<void> {
  const frame = parseFrame(text);
  const named = [terminal, terminal.slice(terminal.lastIndexOf(" on ") + 4)].find((name) => services.hosts.host(name)) ?? services.hosts.active?.name;
  try {
    const chosen = await chooseHost(services, named, "Open Kernel Frame");
    if (frame && chosen) await openFrame(services, chosen.name, { ...frame, kind });
  } catch (error) {
    services.errors.report("Open Kernel Frame", error);
  }
}
