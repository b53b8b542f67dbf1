import { Disposable, StatusBarAlignment, window } from "vscode";
import { Throttle } from "../async/throttle";
import type { HostRegistry } from "../hosts/hostRegistry";
import type { TraceRegistry } from "../traces/traceRegistry";
import { eventCount, traceTitle } from "../../collectors/traces/traceWords";

/** The active host, and the running trace with its rate: a click stops it. */
export function statusBar(hosts: HostRegistry, traces: TraceRegistry): Disposable {
  const hostItem = window.createStatusBarItem("knetscope.host", StatusBarAlignment.Left, 20);
  hostItem.name = "KNetScope host";
  hostItem.command = "knetscope.selectHost";
  const traceItem = window.createStatusBarItem("knetscope.trace", StatusBarAlignment.Left, 19);
  traceItem.name = "KNetScope trace";
  const update = (): void => {
    updateHost(hostItem, hosts);
    updateTrace(traceItem, traces);
  };
  const throttle = new Throttle(update, 500);
  const timer = setInterval(() => {
    if (traces.running().length > 0) throttle.trigger();
  }, 2000);
  return Disposable.from(hostItem, traceItem, throttle, hosts.onChange(throttle.trigger), traces.onChange(throttle.trigger), new Disposable(() => clearInterval(timer)));
}

type Item = ReturnType<typeof window.createStatusBarItem>;

function updateHost(item: Item, hosts: HostRegistry): void {
  const { active } = hosts;
  if (active?.state.kind !== "connected") {
    item.hide();
    return;
  }
  item.text = `$(vm-active) ${active.name}`;
  item.tooltip = `KNetScope: ${active.name} runs ${active.state.facts.release}. Select another host.`;
  item.accessibilityInformation = { label: `KNetScope host ${active.name}` };
  item.show();
}

function updateTrace(item: Item, traces: TraceRegistry): void {
  const entry = traces.running()[0];
  if (!entry) {
    item.hide();
    return;
  }
  const { request } = entry.trace;
  const amount = eventCount(request.kind, entry.trace.summary().events);
  const rate = traces.rate(entry.id).toFixed(1);
  item.text = `$(record) ${amount} · ${rate}/s $(debug-stop)`;
  item.tooltip = `KNetScope: ${traceTitle(request)} on ${entry.hostName}. Click to stop.`;
  item.accessibilityInformation = { label: `${traceTitle(request)} on ${entry.hostName}: ${amount}, ${rate} a second. Stop trace.`, role: "button" };
  item.command = { command: "knetscope.stopTrace", title: "Stop Trace", arguments: [entry.id] };
  item.show();
}
