/**
 * What `nft monitor trace` prints, a line an event of NFT_MSG_TRACE (src/netlink.c of nftables, trace_print_*):
 *
 *     trace id 92de8aa5 ip filter INPUT packet: iif "lo" ip saddr 127.0.0.1 ip daddr 127.0.0.1 … tcp sport 41470 tcp dport 7777 tcp flags == syn
 *     trace id 92de8aa5 ip filter INPUT rule tcp dport 7777 counter drop (verdict drop)
 *     trace id 92de8aa5 ip filter INPUT policy accept
 */
import type { LoggedPacket } from "../invalidModel";
import { transportName } from "../protocolNames";
import type { PathStep } from "./pathModel";
import type { PathReader } from "./pathReader";

export interface NftTraceLine {
  /** Of the packet, from where it was marked. */
  readonly id: string;
  readonly table: string;
  /** First of each chain that it meets. */
  readonly packet?: LoggedPacket;
  readonly step?: PathStep;
}

/** @param ownTable whose rules mark the packets */
export const nftReader = (ownTable: string): PathReader => ({
  line: (text, say) => {
    const line = parseNftTrace(text);
    if (!line && /No buffer space|ENOBUFS/i.test(text)) say("The kernel told more than nft could read: packets are missing.");
    if (!line) return undefined;
    const { id, table, packet, step } = line;
    return { id, ...(packet && { packet }), ...(step && table !== ownTable && { step }) };
  },
});

const head = /^trace id (?<id>[0-9a-f]+) (?<family>\w+) (?<table>\S+) (?<chain>\S+) (?<what>packet:|rule|verdict|policy) ?(?<rest>.*?)\s*$/;

/** @returns undefined: no such line */
export function parseNftTrace(text: string): NftTraceLine | undefined {
  const groups = head.exec(text)?.groups;
  if (!groups) return undefined;
  const { id = "", family = "", table = "", chain = "", what, rest = "" } = groups;
  if (what === "packet:") {
    const packet = packetOf(rest);
    return { id, table, ...(packet && { packet }) };
  }
  const decided = /^(?<rule>.*?)\s*\(verdict (?<verdict>[^)]*)\)$/.exec(rest)?.groups;
  const place = { family, table, chain };
  if (what === "rule") return { id, table, step: { ...place, rule: withoutCounters(decided?.["rule"] ?? rest), verdict: decided?.["verdict"] ?? "continue" } };
  return { id, table, step: { ...place, verdict: rest === "" ? "continue" : rest } };
}

/** Counters and handles would make a rule another one with each packet. */
const withoutCounters = (rule: string): string => rule.replace(/\bcounter packets \d+ bytes \d+/g, "counter").trim();

function packetOf(text: string): LoggedPacket | undefined {
  const field = (name: string): string | undefined => new RegExp(`(?:^| )${name} (?:== )?"?([^" ]+)"?`).exec(text)?.[1];
  const [source, destination] = [field("ip6? saddr"), field("ip6? daddr")];
  if (source === undefined || destination === undefined) return undefined;
  const transport = transportOf(text, field("(?:ip protocol|ip6 nexthdr|meta l4proto)"));
  const port = (name: string): object => {
    const value = field(`(?:tcp|udp|sctp|dccp|udplite|th) ${name}`);
    return value !== undefined && /^\d{1,5}$/.test(value) ? { port: Number(value) } : {};
  };
  const number = (key: string, value: string | undefined): object => (value !== undefined && /^\d{1,10}$/.test(value) ? { [key]: Number(value) } : {});
  const flags = transport === "TCP" ? field("tcp flags") : undefined;
  const [deviceIn, deviceOut] = [field("iif(?:name)?"), field("oif(?:name)?")];
  return {
    source: { address: source, ...port("sport") }, destination: { address: destination, ...port("dport") }, transport,
    ...(flags === undefined ? {} : { flags: flags.split(/[|,]/).map((flag) => flag.trim().toUpperCase()).filter((flag) => /^[A-Z]+$/.test(flag)) }),
    ...number("id", field("ip id")), ...number("length", field("ip6? length")),
    ...(deviceIn === undefined ? {} : { deviceIn }), ...(deviceOut === undefined ? {} : { deviceOut }),
  };
}

/** The names of what stands behind the IP header win: the number may be left out. */
function transportOf(text: string, protocol: string | undefined): string {
  const named = / (tcp|udp|sctp|dccp|icmp|icmpv6|esp|ah) (?:sport|type|spi)/.exec(text)?.[1] ?? protocol;
  if (named === undefined) return "IP";
  return /^\d{1,3}$/.test(named) ? transportName(Number(named)) : named.toUpperCase().replace("IPV6-ICMP", "ICMPv6").replace("ICMPV6", "ICMPv6");
}
