import type { Endpoint } from "../socketModel";
import type { TracedEvent } from "./traceModel";

/** One packet that connection tracking called INVALID, or that it complained of in the kernel log. */
export interface InvalidEvent extends TracedEvent {
  readonly type: "invalid";
  readonly packet: LoggedPacket;
  /** The kernel's own words: `SEQ is over upper bound 1618951547 (over the window of the receiver)`. */
  readonly reason?: string;
  /** A rule matched it as INVALID. Else only conntrack's own line tells of it, which may be of a packet that it let pass. */
  readonly isCertain: boolean;
}

/** A packet as the kernel log describes it (net/netfilter/nf_log_syslog.c). */
export interface LoggedPacket {
  /** Before NAT, where conntrack saw it. */
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** `TCP`, `UDP`, `ICMP`, … or the number of the IP protocol. */
  readonly transport: string;
  /** Of TCP only. */
  readonly flags?: readonly string[];
  readonly seq?: number;
  readonly ack?: number;
  /** Names of the devices; undefined where the kernel named none. */
  readonly deviceIn?: string;
  readonly deviceOut?: string;
  /** Identification of the IPv4 header. */
  readonly id?: number;
  /** Bytes with the IP header. */
  readonly length?: number;
}
