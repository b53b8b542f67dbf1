/** What is read as text inside each network namespace, and what it means. */
import { counterFiles, parseCounters, type Counters } from "./counters";
import type { QueueLimits } from "./socketModel";

const sysctls = {
  somaxconn: "/proc/sys/net/core/somaxconn",
  tcpMaxSynBacklog: "/proc/sys/net/ipv4/tcp_max_syn_backlog",
  tcpSyncookies: "/proc/sys/net/ipv4/tcp_syncookies",
  tcpAbortOnOverflow: "/proc/sys/net/ipv4/tcp_abort_on_overflow",
} as const;

export const portRangeFile = "/proc/sys/net/ipv4/ip_local_port_range";

/** For the listeners: limits and counters. */
export const namespaceFiles: readonly string[] = [...Object.values(sysctls), ...counterFiles];

export type FileTexts = ReadonlyMap<string, string>;

/** Only the limits that could be read. */
export function readQueueLimits(files: FileTexts): QueueLimits {
  const limits: { -readonly [K in keyof QueueLimits]: QueueLimits[K] } = {};
  for (const key of Object.keys(sysctls) as (keyof typeof sysctls)[]) {
    const text = files.get(sysctls[key])?.trim();
    if (text !== undefined && /^\d+$/.test(text)) limits[key] = Number(text);
  }
  return limits;
}

export const readCounters = (files: FileTexts): Counters => parseCounters(counterFiles.map((path) => files.get(path) ?? "").join("\n"));

/** First and last port that the kernel gives to sockets bound to none. */
export function readPortRange(files: FileTexts): readonly [number, number] | undefined {
  const match = /^(\d+)\s+(\d+)/.exec(files.get(portRangeFile) ?? "");
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
