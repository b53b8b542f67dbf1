/** What the rules of findings are held against, read as text inside each network namespace. */
import type { NamespaceEvidence } from "../knowledge/findings/problem";
import { counterDeltas, counterFiles, parseCounters, type Counters } from "./counters";
import { placeName } from "./listenerFindings";
import type { FileTexts } from "./namespaceFiles";
import type { NetworkNamespace } from "./socketModel";

/** Below /proc/sys/net. */
const sysctls = [
  "core/somaxconn", "core/netdev_max_backlog", "ipv4/tcp_abort_on_overflow", "ipv4/tcp_syncookies", "ipv4/tcp_max_orphans", "ipv4/tcp_mem", "ipv4/tcp_max_tw_buckets", "ipv4/tcp_tw_reuse",
  "ipv4/ip_local_port_range", "netfilter/nf_conntrack_count", "netfilter/nf_conntrack_max", "netfilter/nf_conntrack_tcp_be_liberal",
] as const;
const sysctlFolder = "/proc/sys/net/";
const [sockstat, conntrack, softnet] = ["/proc/net/sockstat", "/proc/net/stat/nf_conntrack", "/proc/net/softnet_stat"];

export const evidenceFiles: readonly string[] = [...sysctls.map((name) => sysctlFolder + name), ...counterFiles, sockstat, conntrack, softnet];

/** One look at one namespace. */
export interface EvidenceLook {
  readonly netns: NetworkNamespace;
  readonly counters: Counters;
  readonly settings: Readonly<Record<string, number>>;
  readonly sockets: Readonly<Record<string, number>>;
}

export function readEvidence(netns: NetworkNamespace, files: FileTexts): EvidenceLook {
  const text = (path: string): string => files.get(path) ?? "";
  return {
    netns,
    counters: { ...parseCounters(counterFiles.map(text).join("\n")), ...parseConntrackStat(text(conntrack)), ...(netns.isInit ? parseSoftnetStat(text(softnet)) : {}) },
    settings: Object.assign({}, ...sysctls.map((name) => parseSetting(name.replace("/", "."), text(sysctlFolder + name)))) as Record<string, number>,
    sockets: parseSockstat(text(sockstat)),
  };
}

/** @param previous an earlier look at the same namespace */
export const evidenceBetween = (previous: EvidenceLook | undefined, next: EvidenceLook, seconds: number): NamespaceEvidence => ({
  place: placeName(next.netns), isInit: next.netns.isInit, seconds, settings: next.settings, sockets: next.sockets,
  rises: previous ? counterDeltas(previous.counters, next.counters) : {},
});

/** `TCP: inuse 5 orphan 0 tw 0 alloc 6 mem 1` → `TCP.orphan`. Memory in pages. */
export function parseSockstat(text: string): Readonly<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const [protocol, ...words] = line.split(/:?\s+/);
    for (let at = 0; at + 1 < words.length; at += 2) if (/^\d+$/.test(words[at + 1] ?? "")) values[`${protocol ?? ""}.${words[at] ?? ""}`] = Number(words[at + 1]);
  }
  return values;
}

const conntrackNames: Readonly<Record<string, string>> = { invalid: "ConntrackInvalid", drop: "ConntrackDrop", early_drop: "ConntrackEarlyDrop", insert_failed: "ConntrackInsertFailed" };

/** Names in the first line, then hex numbers, a line for each CPU; they are added up. Which columns there are differs with the kernel. */
export function parseConntrackStat(text: string): Counters {
  const [head = "", ...cpus] = text.trim().split("\n").map((line) => line.trim().split(/\s+/));
  const values: Record<string, number> = {};
  if (typeof head === "string") return values;
  head.forEach((column, at) => {
    const name = conntrackNames[column];
    if (name === undefined) return;
    const numbers = cpus.map((cpu) => cpu[at] ?? "").filter((number) => /^[0-9a-f]+$/i.test(number));
    if (numbers.length > 0) values[name] = numbers.reduce((sum, number) => sum + parseInt(number, 16), 0);
  });
  return values;
}

/** A line of hex numbers for each CPU: processed, dropped, time_squeeze … (net/core/net-procfs.c). */
export function parseSoftnetStat(text: string): Counters {
  const cpus = text.trim().split("\n").map((line) => line.trim().split(/\s+/)).filter((words) => words.length >= 3 && words.every((word) => /^[0-9a-f]+$/i.test(word)));
  if (cpus.length === 0) return {};
  const sum = (at: number): number => cpus.reduce((total, cpu) => total + parseInt(cpu[at] ?? "0", 16), 0);
  return { SoftnetDropped: sum(1), SoftnetTimeSqueeze: sum(2) };
}

/** One number by the name, several as `name.0`, `name.1`. */
function parseSetting(name: string, text: string): Readonly<Record<string, number>> {
  const words = text.trim().split(/\s+/);
  if (!words.every((word) => /^-?\d+$/.test(word))) return {};
  return words.length === 1 ? { [name]: Number(words[0]) } : Object.fromEntries(words.map((word, at) => [`${name}.${at}`, Number(word)]));
}
