/**
 * What `xtables-monitor --trace` prints of iptables over nf_tables (iptables/xtables-monitor.c of iptables, trace_print_*): the events of NFT_MSG_TRACE, with rules as
 * iptables writes them. The family comes first, 2 or 10:
 *
 *     PACKET: 2 bfba8d45 IN=lo LOOPBACK SRC=127.0.0.1 DST=127.0.0.1 LEN=60 TOS=0x0 TTL=64 ID=9254 DF SPORT=55420 DPORT=9302 SYN
 *      TRACE: 2 bfba8d45 filter:INPUT:rule:0x5:ACCEPT  -4 -t filter -A INPUT -p tcp -m tcp --dport 9302 -j ACCEPT
 *      TRACE: 2 bfba8d45 raw:PREROUTING:policy:ACCEPT
 */
import type { LoggedPacket } from "../invalidModel";
import { transportName } from "../protocolNames";
import type { PathStep } from "./pathModel";
import type { PathReader } from "./pathReader";

const traceLine = /^\s*TRACE: (?<family>\d+) (?<id>[0-9a-f]+) (?<table>[^:\s]+):(?<chain>[^:\s]+):(?<what>rule|return|policy):?(?<rest>.*?)\s*$/;
const packetLine = /^PACKET: \d+ (?<id>[0-9a-f]+) (?<rest>.*)$/;

/** @param own what the comment of our rules holds */
export const xtablesReader = (own: string): PathReader => ({
  line: (text) => {
    const packet = packetLine.exec(text)?.groups;
    if (packet) return withPacket(packet["id"] ?? "", packetOf(packet["rest"] ?? ""));
    const groups = traceLine.exec(text)?.groups;
    if (!groups) return undefined;
    const id = groups["id"] ?? "";
    return groups["rest"]?.includes(own) === true ? { id } : { id, step: stepOf(groups) };
  },
});

const withPacket = (id: string, packet: LoggedPacket | undefined): { readonly id: string; readonly packet?: LoggedPacket } => ({ id, ...(packet && { packet }) });

function stepOf({ family, table = "", chain = "", what, rest = "" }: Readonly<Record<string, string>>): PathStep {
  const place = { family: family === "10" ? "ip6" : "ip", table, chain };
  if (what !== "rule") return { ...place, verdict: what === "return" ? "return" : rest.toLowerCase() };
  const [, handle = "", verdict = "", text = ""] = /^0x([0-9a-f]+):(\S*)\s*(.*)$/.exec(rest) ?? [];
  // Where the monitor fails over a rule its line breaks off, and what comes next stands behind it.
  const rule = /^-[46] -t \S+ -A \S+ (.+)$/.exec(text)?.[1] ?? `with handle ${Number.parseInt(handle, 16)}, which xtables-monitor cannot write out`;
  return { ...place, rule, verdict: verdictOf(verdict) };
}

/** `ACCEPT`, `CONTINUE`; of a jump the chain follows, whose name keeps its letters. */
function verdictOf(text: string): string {
  const [word = "", chain] = text.split(":");
  return chain === undefined ? word.toLowerCase() : `${word.toLowerCase()} ${chain}`;
}

const tcpFlags = ["SYN", "ACK", "FIN", "RST", "URG", "PSH"];

/** Protocols are not named, or by number: of those with ports only TCP has flags. */
function packetOf(text: string): LoggedPacket | undefined {
  const field = (name: string): string | undefined => new RegExp(`(?:^| )${name}=(\\S+)`).exec(text)?.[1];
  const number = (name: string): number | undefined => (/^\d{1,10}$/.test(field(name) ?? "") ? Number(field(name)) : undefined);
  const [source, destination] = [field("SRC"), field("DST")];
  if (source === undefined || destination === undefined) return undefined;
  const [from, to, protocol] = [number("SPORT"), number("DPORT"), number("PROTO")];
  const flags = text.split(" ").filter((word) => tcpFlags.includes(word));
  const transport = protocol !== undefined ? transportName(protocol) : from === undefined ? "IP" : flags.length > 0 ? "TCP" : "UDP";
  const [id, length, deviceIn, deviceOut] = [number("ID"), number("LEN"), field("IN"), field("OUT")];
  return {
    source: { address: source, ...(from === undefined ? {} : { port: from }) }, destination: { address: destination, ...(to === undefined ? {} : { port: to }) }, transport,
    ...(transport === "TCP" ? { flags } : {}), ...(id === undefined ? {} : { id }), ...(length === undefined ? {} : { length }),
    ...(deviceIn === undefined ? {} : { deviceIn }), ...(deviceOut === undefined ? {} : { deviceOut }),
  };
}
