import type { StackFrame } from "../../stacks/stack";
import type { Endpoint } from "../socketModel";
import type { TracedEvent, TracedProcess } from "./traceModel";

/** One packet that the kernel dropped. */
export interface DropEvent extends TracedEvent {
  readonly type: "drop";
  /**
   * enum skb_drop_reason by the target's own names, without prefix; undefined on kernels before 5.17. `ACCEPT_QUEUE_FULL` and `SYN_QUEUE_FULL` are
   * ours: what the kernel drops there counts as consumed, so that no event and no reason tells of it.
   */
  readonly reason?: string;
  /** Where it was dropped: the address after the call that freed it. */
  readonly place?: StackFrame;
  /** `IPv4`, `IPv6`, `ARP`, or the number of the Ethernet protocol, `0x88cc`. */
  readonly protocol?: string;
  /** Absent for what is not IP, and where the tool does not read packets. */
  readonly packet?: DroppedPacket;
  readonly device?: string;
  readonly process: TracedProcess;
}

export interface DroppedPacket {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** `TCP`, `UDP`, `ICMP`, … or the number of the IP protocol. */
  readonly transport: string;
  /** Of TCP only. */
  readonly flags?: readonly string[];
}
