/** Counters of one network namespace from /proc/net/snmp and /proc/net/netstat, named as nstat names them: `TcpExtListenDrops`. */

export type Counters = Readonly<Record<string, number>>;

/** What rose between two looks. */
export interface CounterChange {
  /** Between the looks; 0 when there was only one. */
  readonly seconds: number;
  readonly deltas: Counters;
}

/** Files to read inside each namespace. */
export const counterFiles = ["/proc/net/snmp", "/proc/net/netstat"] as const;

/**
 * Pairs of lines `Group: name…` and `Group: value…`, matched by position. Values of one pair whose lengths differ are left out,
 * since it cannot be known which is which.
 */
export function parseCounters(text: string): Counters {
  const counters: Record<string, number> = {};
  const lines = text.split("\n");
  for (let i = 0; i + 1 < lines.length; i++) {
    const [group, names] = splitLine(lines[i] ?? "");
    const [same, values] = splitLine(lines[i + 1] ?? "");
    if (group === "" || group !== same || names.length !== values.length || values.some((value) => !/^-?\d+$/.test(value))) continue;
    names.forEach((name, at) => (counters[group + name] = Number(values[at])));
    i++;
  }
  return counters;
}

/** Values among the counters that go up and down, or are settings. */
const gauges = new Set(["TcpCurrEstab", "TcpMaxConn", "TcpRtoAlgorithm", "TcpRtoMin", "TcpRtoMax", "IpForwarding", "IpDefaultTTL"]);

/** Counters that rose, by how much. A counter that fell was reset with its namespace: it counts from 0. */
export function counterDeltas(previous: Counters, next: Counters): Counters {
  const deltas: Record<string, number> = {};
  for (const [name, value] of Object.entries(next)) {
    const before = previous[name];
    if (before === undefined || gauges.has(name)) continue;
    const delta = value >= before ? value - before : value;
    if (delta > 0) deltas[name] = delta;
  }
  return deltas;
}

function splitLine(line: string): readonly [string, string[]] {
  const colon = line.indexOf(":");
  return colon < 0 ? ["", []] : [line.slice(0, colon), line.slice(colon + 1).trim().split(/\s+/)];
}
