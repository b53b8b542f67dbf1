import { type ExtensionContext, window, workspace } from "vscode";
import type { Disposable } from "../base/disposable";
import { NamedVmlinux } from "../session/namedVmlinux";
import { bpftracePart } from "./bpftrace/bpftracePart";
import { ErrorReporter } from "./errors/errorReporter";
import { connectWithProgress } from "./hosts/connectWithProgress";
import { HostRegistry } from "./hosts/hostRegistry";
import { openHostFromSettings } from "./hosts/openHostFromSettings";
import { kernelStackPart } from "./kernelStacks/kernelStackPart";
import { LanguageServer } from "./languageServer/languageServer";
import { ListenersService } from "./listeners/listenersService";
import { SecretPasswords } from "./prompts/secretPasswords";
import { windowPrompts } from "./prompts/windowPrompts";
import type { Services } from "./services";
import { namesFiles, settings } from "./settings";
import { SourceDocuments } from "./sources/sourceDocuments";
import { StackDocuments } from "./stackDocuments/stackDocuments";
import { TraceRegistry } from "./traces/traceRegistry";
import { createViews } from "./views/createViews";
import { ExplanationDocuments } from "./views/explanationDocuments";
import { FilterHistory } from "./webviewHost/filterHistory";
import { FlameGraphs } from "./webviewHost/flameGraphs";
import { SocketTables } from "./webviewHost/socketTables";
import { TableLooks } from "./webviewHost/tableLooks";

/** Makes everything the extension works with; what must be ended with the window goes to `context.subscriptions`. */
export function createServices(context: ExtensionContext): Services {
  const log = window.createOutputChannel("KNetScope", { log: true });
  const errors = new ErrorReporter(log);
  const passwords = new SecretPasswords(context.secrets, context.globalState);
  const hosts = new HostRegistry(openHostFromSettings(windowPrompts(passwords), log));
  const listeners = new ListenersService(hosts);
  const traces = new TraceRegistry();
  hosts.setNames(settings.hosts());
  const { views, trees, disposable } = createViews({ hosts, listeners, traces });
  const sources = new SourceDocuments(hosts);
  const filterHistory = new FilterHistory(context.workspaceState);
  const socketTables = new SocketTables(context.extensionUri, { hosts, listeners, history: filterHistory, looks: new TableLooks(context.workspaceState, context.globalState) });
  const flameGraphs = new FlameGraphs(context.extensionUri);
  let server: LanguageServer | undefined;
  let named = new NamedVmlinux(settings.hostOptions());
  const services: Services = {
    log, errors, hosts, listeners, traces, sources, socketTables, flameGraphs, filterHistory, passwords, views, trees,
    stacks: new StackDocuments(), explanations: new ExplanationDocuments(), state: context.workspaceState,
    namedVmlinux: () => named,
    languageServer: () => (server ??= new LanguageServer(context.extensionUri, log, [bpftracePart(services), kernelStackPart(services)])),
  };
  const renew = workspace.onDidChangeConfiguration((change) => {
    if (!namesFiles(change)) return;
    void named.dispose();
    named = new NamedVmlinux(settings.hostOptions());
  });
  context.subscriptions.push(renew, { dispose: () => void named.dispose() }, log, disposable, socketTables, flameGraphs, ...watchers(services));
  return services;
}

function watchers(services: Services): Disposable[] {
  const { errors, hosts, traces, log } = services;
  const reconnect = (name: string) => (): Promise<unknown> =>
    connectWithProgress(services, name).catch((error: unknown) => errors.report(`Connect to ${name}`, error, reconnect(name)));
  return [
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("knetscope.hosts")) hosts.setNames(settings.hosts());
    }),
    hosts.onLost(({ name, error }) => errors.report(`Connection to ${name} was lost`, error, reconnect(name), "Reconnect")),
    // A lost link is told once, for the host; its traces say it in the view.
    traces.onFailed((entry) => (hosts.host(entry.hostName) ? errors.report(`Trace on ${entry.hostName}`, entry.error) : log.warn(`trace on ${entry.hostName} ended with its connection`))),
  ];
}
