import { commands, Disposable, type TreeView, window, workspace } from "vscode";
import { Repeater } from "../async/repeater";
import type { HostRegistry } from "../hosts/hostRegistry";
import type { ListenersService } from "../listeners/listenersService";
import type { Trees, Views } from "../services";
import { settings } from "../settings";
import type { TraceRegistry } from "../traces/traceRegistry";
import { collectFindings } from "./collectFindings";
import { findingRows, problemCount } from "./findingRows";
import { hostRows } from "./hostRows";
import { listenerRows } from "./listenerRows";
import type { Row } from "./row";
import { RowTree } from "./rowTree";
import { traceRows } from "./traceRows";
import { count } from "./words";

interface Models {
  readonly hosts: HostRegistry;
  readonly listeners: ListenersService;
  readonly traces: TraceRegistry;
}

/** The four trees, kept up to date: redrawn when their models change, listeners read again only while somebody looks. */
export function createViews({ hosts, listeners, traces }: Models): { readonly views: Views; readonly trees: Trees; readonly disposable: Disposable } {
  const findings = () => collectFindings(listeners.list(), traces.list());
  const trees: Trees = {
    hosts: new RowTree(() => hostRows(hosts.list(), hosts.active?.name)),
    listeners: new RowTree(() => listenerRows(listeners.list())),
    traces: new RowTree(() => traceRows(traces.list(), (id) => traces.rate(id))),
    findings: new RowTree(() => findingRows(findings())),
  };
  const views: Views = { hosts: view("hosts", trees.hosts), listeners: view("listeners", trees.listeners), traces: view("traces", trees.traces), findings: view("findings", trees.findings) };

  const onHosts = (): void => {
    views.hosts.message = hosts.list().length > 1 ? "" : "Connect to this machine, or add a host over SSH.";
    setContext("connected", hosts.connected().length > 0);
    trees.hosts.refresh();
    trees.listeners.refresh();
  };
  const onTraces = (): void => {
    setContext("tracing", traces.running().length > 0);
    setContext("hasTraces", traces.list().length > 0);
    trees.traces.refresh();
    trees.findings.refresh();
  };
  const onListeners = (): void => {
    trees.listeners.refresh();
    trees.findings.refresh();
    const problems = problemCount(findings());
    views.findings.badge = problems === 0 ? undefined : { value: problems, tooltip: count(problems, "problem") };
  };
  onHosts();
  const disposable = Disposable.from(
    ...Object.values(trees), ...Object.values(views), hosts.onChange(onHosts), traces.onChange(onTraces), listeners.onChange(onListeners),
    views.traces.onDidChangeSelection(({ selection }) => showTrace(traces, selection[0])),
    ticker(() => traces.running().length > 0, trees.traces.refresh), autoRefresh(views, hosts, listeners),
  );
  return { views, trees, disposable };
}

const view = (name: keyof Views, treeDataProvider: RowTree): TreeView<Row> =>
  window.createTreeView(`knetscope.${name}`, { treeDataProvider, showCollapseAll: true, canSelectMany: true });

const setContext = (key: string, value: boolean): void => void commands.executeCommand("setContext", `knetscope.${key}`, value);

/** Every row of a trace begins with its id. */
function showTrace(traces: TraceRegistry, row: Row | undefined): void {
  const id = row?.id.split("/")[0];
  if (id !== undefined && traces.get(id)) traces.show(id);
}

/** Rates fall without any event, so they are drawn anew from time to time. */
function ticker(wanted: () => boolean, action: () => void): Disposable {
  const timer = setInterval(() => {
    if (wanted()) action();
  }, 2000);
  return new Disposable(() => clearInterval(timer));
}

/** Reads listeners again while the Listeners or Findings view is in sight and a host is connected. */
function autoRefresh(views: Views, hosts: HostRegistry, listeners: ListenersService): Disposable {
  const repeater = new Repeater(() => listeners.refreshAll(), settings.listenersRefreshMs);
  let before = "";
  const update = (): void => {
    const connected = hosts.connected().map(({ name }) => name).join("\n");
    repeater.setWanted((views.listeners.visible || views.findings.visible) && connected !== "");
    if (connected !== before) repeater.restart();
    before = connected;
  };
  update();
  return Disposable.from(
    repeater, views.listeners.onDidChangeVisibility(update), views.findings.onDidChangeVisibility(update), hosts.onChange(update),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("knetscope.listeners")) repeater.restart();
    }),
  );
}
