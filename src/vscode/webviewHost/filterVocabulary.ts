import type { Endpoint, Listener, SocketProcess } from "../../collectors/socketModel";
import type { FilterVocabulary, KnownValue } from "../../sockdiag/completeFilter";
import type { RowSource } from "./rowSource";
import { count, processText } from "../views/words";

/** Sockets looked at; of more, every so many-th. */
const SAMPLE = 5000;
const VALUES = 40;

/** Counts values, and keeps what is worth saying of each. */
class Tally {
  private readonly values = new Map<string, { count: number; owner: string; listens: boolean }>();

  add(text: string, processes: readonly SocketProcess[] = [], listens = false): void {
    const known = this.values.get(text) ?? { count: 0, owner: "", listens: false };
    known.count++;
    known.owner ||= processText(processes.slice(0, 1));
    known.listens ||= listens;
    this.values.set(text, known);
  }

  /** Listeners first, then the most frequent. */
  top(): KnownValue[] {
    const sorted = [...this.values].sort(([, a], [, b]) => Number(b.listens) - Number(a.listens) || b.count - a.count);
    return sorted.slice(0, VALUES).map(([text, { count: times, owner, listens }]) => ({
      text,
      detail: [...(listens ? ["listens"] : []), ...(owner === "" ? [] : [owner]), count(times, "socket")].join(" · "),
    }));
  }
}

/** What the sockets of a host offer as values of a filter. */
export function filterVocabulary(source: RowSource, listeners: readonly Listener[], interfaces: readonly string[]): FilterVocabulary {
  const tallies = { localPorts: new Tally(), remotePorts: new Tally(), localAddresses: new Tally(), remoteAddresses: new Tally(), interfaces: new Tally(), cgroups: new Tally(), marks: new Tally() };
  for (const { local, processes } of listeners) {
    addPort(tallies.localPorts, local, processes, true);
    addAddress(tallies.localAddresses, local);
  }
  const step = Math.max(1, Math.floor(source.length / SAMPLE));
  for (let index = 0; index < source.length; index += step) {
    const { state, local, remote, processes, interface: device, cgroup, mark } = source.row(index);
    addPort(tallies.localPorts, local, processes, state === "LISTEN");
    addPort(tallies.remotePorts, remote, processes);
    addAddress(tallies.localAddresses, local);
    addAddress(tallies.remoteAddresses, remote);
    if (device !== undefined) tallies.interfaces.add(device, processes);
    if (cgroup !== undefined) tallies.cgroups.add(cgroup, processes);
    if (mark !== undefined) tallies.marks.add(`0x${mark.toString(16)}`, processes);
  }
  const values = Object.fromEntries(Object.entries(tallies).map(([name, tally]) => [name, tally.top()])) as unknown as Record<keyof FilterVocabulary, KnownValue[]>;
  const named = new Set(values.interfaces.map(({ text }) => text));
  return { ...values, interfaces: [...values.interfaces, ...interfaces.filter((name) => !named.has(name)).map((text) => ({ text, detail: "no socket is bound to it" }))] };
}

function addPort(tally: Tally, { port }: Endpoint, processes: readonly SocketProcess[], listens = false): void {
  if (port !== undefined && port !== 0) tally.add(`:${port}`, processes, listens);
}

const wildcards = new Set(["*", "0.0.0.0", "::"]);

function addAddress(tally: Tally, { address, port }: Endpoint): void {
  if (!wildcards.has(address)) tally.add(address.includes(":") && port !== undefined ? `[${address}]` : address);
}
