import { DomainError } from "../../base/errors";
import type { ExitStatus } from "../../target/command";
import type { TraceDecoder, TraceSink } from "./collector";
import { linesPerSecond, logPrefix, readyLine } from "./invalidLogCommand";
import type { InvalidEvent, LoggedPacket } from "./invalidModel";
import { gapWords, KernelLogRecords } from "./kernelLogRecords";
import { conntrackReason, packetKey, parsePacketLine, type KernelLogRecord } from "./netfilterLog";

export interface InvalidLogOptions {
  /** Of our rule; undefined: there is none, and conntrack's own lines are all there is. */
  readonly token?: string;
  /** Only packets that have this port. */
  readonly port?: number;
}

/** Reasons wait for the line of our rule, which follows at once; those of packets that were not INVALID wait in vain. */
const mostWaiting = 1000;

/**
 * Reads the kernel log as our command hands it on. Conntrack's line, with the reason, comes just before our rule's line of the same packet. How many
 * packets the rule matched is told at the end, so that what the rate limit kept out of the log is said.
 */
export class InvalidLogDecoder implements TraceDecoder<InvalidEvent> {
  private readonly waiting = new Map<string, string>();
  private readonly prefix: string | undefined;
  private readonly log = new KernelLogRecords();
  private logged = 0;
  private reasons = 0;
  private matched: number | undefined;

  constructor(private readonly options: InvalidLogOptions) {
    this.prefix = options.token === undefined ? undefined : logPrefix(options.token);
  }

  readonly isNoise = (line: string): boolean => line.trim() === "";

  failure(exit: ExitStatus, words: readonly string[], where: string): DomainError {
    return new DomainError("trace/log-failed", `INVALID packets cannot be logged (exit status ${exit.code ?? "unknown"})${words.length === 0 ? "" : `: ${words.slice(-3).join("; ")}`}`, where);
  }

  line(text: string, sink: TraceSink<InvalidEvent>): void {
    const record = this.log.take(text, () => sink.say(gapWords));
    if (record) this.takeRecord(record, sink);
    else if (text === readyLine) sink.ready();
    else if (!this.log.takeSince(text)) this.takeCounter(text);
  }

  end(sink: TraceSink<InvalidEvent>): void {
    if (this.matched !== undefined && this.matched > this.logged) {
      sink.lost(this.matched - this.logged);
      sink.say(`The rule counted ${this.matched} INVALID packets and logged ${this.logged}: it writes at most ${linesPerSecond} lines a second.`);
    }
    if (this.logged > 0 && this.reasons === 0) sink.say("The kernel gave no reasons: conntrack has none for such packets, or net.netfilter.nf_log.2 and .10 name no logger of the kernel log.");
  }

  private takeRecord({ text }: KernelLogRecord, sink: TraceSink<InvalidEvent>): void {
    const line = parsePacketLine(text);
    if (!line) return;
    const reason = conntrackReason(line.prefix);
    if (this.prefix !== undefined && line.prefix.trim() === this.prefix.trim()) this.takeOwn(line.packet, sink);
    else if (reason !== undefined && this.prefix !== undefined) this.wait(packetKey(line.packet), reason);
    else if (reason !== undefined && line.packet.deviceOut !== "lo") this.handOn({ packet: line.packet, reason, isCertain: false }, sink);
  }

  private takeOwn(packet: LoggedPacket, sink: TraceSink<InvalidEvent>): void {
    const key = packetKey(packet);
    const reason = this.waiting.get(key);
    this.waiting.delete(key);
    this.logged++;
    if (reason !== undefined) this.reasons++;
    this.handOn({ packet, ...(reason === undefined ? {} : { reason }), isCertain: true }, sink);
  }

  private handOn(event: Omit<InvalidEvent, "type" | "stack">, sink: TraceSink<InvalidEvent>): void {
    const { port } = this.options;
    const { source, destination } = event.packet;
    if (port === undefined || source.port === port || destination.port === port) sink.event({ type: "invalid", ...event, stack: [] });
  }

  private wait(key: string, reason: string): void {
    this.waiting.set(key, reason);
    const [oldest] = this.waiting.keys();
    if (this.waiting.size > mostWaiting && oldest !== undefined) this.waiting.delete(oldest);
  }

  /** A rule with its counter, as nft and iptables list it. */
  private takeCounter(text: string): void {
    const count = /\bcounter packets (\d+) bytes/.exec(text)?.[1] ?? /^\s*(\d+)\s+\d+\s.*\/\* knetscope_[0-9a-f]+ all \*\//.exec(text)?.[1];
    if (count !== undefined) this.matched = (this.matched ?? 0) + Number(count);
  }
}
