/**
 * What ip_tables (“iptables-legacy”) traces goes into the kernel log, a line for each rule, return and policy that a packet meets (trace_packet, net/ipv4/netfilter/ip_tables.c):
 *
 *     TRACE: filter:INPUT:rule:3 IN=lo OUT= MAC=… SRC=127.0.0.1 DST=127.0.0.1 LEN=60 … PROTO=TCP SPT=57388 DPT=9302 SEQ=282621304 …
 *
 * It says the place and not the rule, so rules are looked up by their numbers in what iptables-save wrote when we began, and again at the end: if that
 * differs, it is said. Nor does it name the packet: what stays the same through NAT has to do.
 */
import type { LoggedPacket } from "../invalidModel";
import { gapWords, KernelLogRecords } from "../kernelLogRecords";
import { parsePacketLine } from "../netfilterLog";
import type { PathStep } from "./pathModel";
import type { PathLine, PathReader } from "./pathReader";

/** Comes before the rules of one family: `knetscope rules ip`. */
export const rulesWord = "knetscope rules ";

interface Chain {
  readonly policy?: string;
  readonly rules: string[];
}

const place = (family: string, table: string, chain: string): string => `${family} ${table} ${chain}`;

export class LegacyReader implements PathReader {
  private readonly log = new KernelLogRecords();
  private readonly chains = new Map<string, Chain>();
  private family: string | undefined;
  private table = "";
  /** Rules of each family, as they were at first. */
  private readonly first = new Map<string, string>();
  private saved: string[] = [];
  private changed = false;

  /** @param own what the comment of our rules holds */
  constructor(private readonly own: string) {}

  line(text: string, say: (words: string) => void): PathLine | undefined {
    if (text.startsWith(rulesWord)) this.turnTo(text.slice(rulesWord.length).trim());
    else if (!this.log.takeSince(text)) {
      const record = this.log.take(text, () => say(gapWords));
      if (record) return this.traced(record.text);
      if (this.family !== undefined && !/^\d+,/.test(text)) this.takeRule(text);
    }
    return undefined;
  }

  end(say: (words: string) => void): void {
    this.turnTo("");
    if (this.changed) say("The rules were changed meanwhile: what is said of later packets may name the wrong rule.");
  }

  /** What a family had is complete when another one begins. */
  private turnTo(family: string): void {
    if (this.family !== undefined) {
      const text = this.saved.join("\n");
      if ((this.first.get(this.family) ?? text) !== text) this.changed = true;
      else this.first.set(this.family, text);
    }
    this.family = family === "" ? undefined : family;
    this.saved = [];
  }

  /** A line of iptables-save: `*TABLE`, `:CHAIN POLICY [packets:bytes]`, `-A CHAIN RULE`. Only the first listing counts. */
  private takeRule(text: string): void {
    const { family = "" } = this;
    const [, chain = "", policy] = /^:(\S+) (\S+)/.exec(text) ?? [];
    const [, name = "", rule = ""] = /^-A (\S+) ?(.*)$/.exec(text) ?? [];
    if (text.startsWith("*")) this.table = text.slice(1).trim();
    else if (chain === "" && name === "") return;
    this.saved.push(text.replace(/ \[\d+:\d+\]$/, ""));
    if (this.first.has(family)) return;
    if (chain !== "") this.chains.set(place(family, this.table, chain), { ...(policy === "-" || policy === undefined ? {} : { policy: policy.toLowerCase() }), rules: [] });
    else if (name !== "") this.chains.get(place(family, this.table, name))?.rules.push(rule);
  }

  private traced(text: string): PathLine | undefined {
    const line = parsePacketLine(text);
    const [, table = "", chain = "", what, number] = /^TRACE: ([^:\s]+):([^:\s]+):(rule|return|policy):(\d+) $/.exec(line?.prefix ?? "") ?? [];
    if (!line || what === undefined) return undefined;
    const step = this.stepAt(line.packet.source.address.includes(":") ? "ip6" : "ip", table, chain, what, Number(number));
    return { id: packetId(line.packet), packet: line.packet, ...(step && { step }) };
  }

  private stepAt(family: string, table: string, chain: string, what: string, number: number): PathStep | undefined {
    const at = { family, table, chain };
    const known = this.chains.get(place(family, table, chain));
    if (what === "policy") return { ...at, verdict: known?.policy ?? "continue" };
    if (what === "return") return { ...at, verdict: "return" };
    const rule = known?.rules[number - 1];
    if (rule?.includes(this.own) === true) return undefined;
    return rule === undefined ? { ...at, rule: `number ${number}`, verdict: "continue" } : { ...at, rule, verdict: this.verdictOf(rule, family, table) };
  }

  /** Where its target leads (iptables-extensions(8)); what stands in quotes is no part of it. */
  private verdictOf(rule: string, family: string, table: string): string {
    const [, option, target = ""] = / (-j|-g) (\S+)/.exec(` ${rule.replace(/"(?:[^"\\]|\\.)*"/g, "")}`) ?? [];
    if (option === "-g") return `goto ${target}`;
    const known: Readonly<Record<string, string>> = { ACCEPT: "accept", DROP: "drop", REJECT: "drop", RETURN: "return", QUEUE: "queue", NFQUEUE: "queue" };
    return known[target] ?? (this.chains.has(place(family, table, target)) ? `jump ${target}` : "continue");
  }
}

/** TCP's numbers stay through NAT, and so does the number in the header of IPv4. Of other protocols addresses and ports have to tell: what NAT changes is two packets then. */
function packetId({ source, destination, transport, seq, ack, id, length }: LoggedPacket): string {
  const own = transport === "TCP" ? [seq, ack] : [source.address, source.port, destination.address, destination.port];
  return [transport, id, length, ...own].join(" ");
}
