import { Command } from "commander";
import type { Finding } from "../../collectors/capability";
import { endpointText } from "../../collectors/endpointText";
import type { Listener, ListenersSnapshot, SocketProcess } from "../../collectors/socketModel";
import { known, paint, table, type Output } from "../output";
import { addHostOptions, withSockets, type HostFlags } from "../withHost";

export function listenersCommand(): Command {
  const command = new Command("listeners").description("listening sockets with their accept and SYN queues, drops and processes");
  command.option("--no-processes", "do not look for the processes: on a host with many open files that is what takes longest");
  command.option("--unix", "UNIX sockets too; those with a full queue are always listed", false);
  return addHostOptions(command).action(async (flags: HostFlags & { readonly unix: boolean; readonly processes: boolean }) => {
    await withSockets(flags, async (host, output, signal) => {
      const all = await host.listeners(signal, { owners: flags.processes });
      const snapshot = { ...all, listeners: all.listeners.filter(({ protocol, verdict }) => flags.unix || protocol !== "unix" || verdict.health !== "ok") };
      if (output.json) for (const listener of snapshot.listeners) output.object(listenerJson(listener));
      else printListeners(output, snapshot);
      printFindings(output, snapshot.findings);
      for (const note of snapshot.notes) output.note(note);
    });
  });
}

/** The fields are a contract with scripts; null means “not known”. */
export function listenerJson(listener: Listener): object {
  const { netns, family, protocol, local, acceptQueue, synQueue, drops, uid, inode, processes, verdict } = listener;
  return {
    netns: { inode: netns.inode, name: netns.name },
    family,
    protocol,
    local: { address: local.address, port: local.port ?? null },
    acceptQueue: { length: acceptQueue.length ?? null, limit: acceptQueue.limit ?? null },
    synQueue: { length: synQueue.length ?? null, limit: synQueue.limit ?? null },
    drops: drops ?? null,
    uid: uid ?? null,
    inode: inode ?? null,
    processes: listener.ownersUnasked ? null : processes,
    health: verdict.health,
    verdict: verdict.text,
    kind: verdict.kind,
    limitedBy: verdict.limitedBy ?? null,
    shared: listener.shared,
    evidence: verdict.evidence,
  };
}

function printListeners(output: Output, snapshot: ListenersSnapshot): void {
  const rows = snapshot.listeners.map((listener) => [
    listener.netns.name,
    listener.protocol,
    endpointText(listener.local),
    `${known(listener.acceptQueue.length)}/${known(listener.acceptQueue.limit)}`,
    ...(listener.protocol === "unix" ? ["", ""] : [`${known(listener.synQueue.length)}/${known(listener.synQueue.limit)}`, known(listener.drops)]),
    processesText(listener.processes),
    listener.verdict.health === "ok" ? "" : listener.verdict.text,
  ]);
  const columns = [
    { title: "NETNS" }, { title: "PROTO" }, { title: "LOCAL" }, { title: "ACCEPT", align: "right" as const },
    { title: "SYN", align: "right" as const }, { title: "DROPS", align: "right" as const }, { title: "PROCESS" }, { title: "VERDICT" },
  ];
  const [head = "", ...lines] = table(columns, rows);
  output.line(paint(output, "bold", head));
  lines.forEach((line, index) => {
    const health = snapshot.listeners[index]?.verdict.health;
    output.line(health === "full" ? paint(output, "red", line) : health === "warning" ? paint(output, "yellow", line) : line);
  });
}

export const processesText = (processes: readonly SocketProcess[]): string =>
  [...new Set(processes.map(({ name, pid }) => `${name}[${pid}]`))].join(" ");

export function printFindings(output: Output, findings: readonly Finding[]): void {
  for (const finding of findings) {
    output.note(paint(output, finding.severity === "error" ? "red" : "yellow", finding.title));
    output.note(`  ${finding.detail}`);
    for (const fact of finding.evidence) output.note(`  - ${fact}`);
    if (finding.remedy) output.note(`  Remedy: ${finding.remedy.title}${finding.remedy.command === undefined ? "" : `: ${finding.remedy.command}`}`);
  }
}
