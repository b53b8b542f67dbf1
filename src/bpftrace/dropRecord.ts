import { remembered, rememberedText } from "../base/remembered";
import type { Endianness } from "../base/byteReader";
import type { Writable } from "../base/writable";
import { vaddr, type Vaddr } from "../base/brands";
import type { StackFrame } from "../stacks/stack";
import { fromProbe } from "./resetRecord";
import { nameOf } from "./addressFields";
import { freeingFunctions } from "./dropProgram";
import { networkPort } from "./networkOrder";
import { flagsOf, packetEnds } from "./packetFields";
import type { TraceRecord } from "./traceRecord";

/** One record of the drop program, its numbers in host order. */
export interface DropRecord {
  /** Value of enum skb_drop_reason, or a negative number of ours. */
  readonly reason: number;
  /** The address after the call that freed the packet. */
  readonly location?: Vaddr;
  /** EtherType. */
  readonly protocol: number;
  readonly device?: string;
  readonly netns?: number;
  readonly packet?: {
    readonly source: { readonly address: string; readonly port: number };
    readonly destination: { readonly address: string; readonly port: number };
    /** Number of the IP protocol. */
    readonly transport: number;
    /** As for TCP, whatever the protocol. */
    readonly flags: readonly string[];
  };
  readonly pid: number;
  readonly comm: string;
  readonly stack: readonly StackFrame[];
}

const tcp = 6;

/** Inodes of namespaces count up from this (include/linux/proc_ns.h, PROC_DYNAMIC_FIRST): what is below was read from something else. */
const firstNamespace = 0xf0000000;

export function dropRecord(record: TraceRecord, endianness: Endianness): DropRecord {
  const { shape, pid, comm, stack } = record;
  const [version, probed] = shape.split(":");
  const frames = fromPlace(stack, record.address("location"), probed);
  const location = probed === undefined && frames !== stack ? frames[0]?.address : undefined;
  const device = nameOf(record, "device", endianness);
  const netns = [record.number("devnetns"), record.number("sknetns")].find((inode) => inode >= firstNamespace);
  const protocol = probed === undefined ? etherType(record, endianness) : (version === "ipv6" ? 0x86dd : 0x0800);
  // As for resets: what may be absent is put in afterwards.
  const drop: Writable<DropRecord> = { reason: record.number("reason"), protocol, pid, comm, stack: frames };
  if (location !== undefined) drop.location = location;
  if (/^[\w.@:-]{1,15}$/.test(device)) drop.device = device;
  if (netns !== undefined) drop.netns = netns;
  if (version !== "other") drop.packet = droppedPacket(record, version === "ipv6" ? 6 : 4, probed, endianness);
  return drop;
}

/** The tracepoint tells it in host order, the packet itself as it is sent. */
const etherType = (record: TraceRecord, endianness: Endianness): number => record.number("protocol") || networkPort(record.number("wireprotocol"), endianness);

/** The probes of queues know the packet by their shape. */
function droppedPacket(record: TraceRecord, version: 4 | 6, probed: string | undefined, endianness: Endianness): NonNullable<DropRecord["packet"]> {
  const { source, destination } = packetEnds(record, version, endianness);
  if (probed === undefined) return { source, destination, transport: record.number("transport"), flags: flagsOf(record.number("flags")) };
  return { source, destination, transport: tcp, flags: [probed === "tcp_conn_request" ? "SYN" : "ACK"] };
}

/** The functions that free a packet say nothing: the stack begins where they were called, or with the function that was probed. */
function fromPlace(stack: readonly StackFrame[], location: bigint, probed: string | undefined): readonly StackFrame[] {
  if (probed !== undefined) return fromProbe(stack, probed);
  return location === 0n ? fromCaller(stack) : startingAt(location.toString(16))(stack);
}

const asReturn = (frame: StackFrame, index: number): StackFrame => (index === 0 ? { ...frame, kind: "return" } : frame);

const fromCaller = remembered((stack: readonly StackFrame[]): readonly StackFrame[] => {
  const at = stack.findIndex(({ symbol }) => freeingFunctions.some((name) => name === symbol));
  return at < 0 ? stack : stack.slice(at + 1).map(asReturn);
});

const startingAt = rememberedText(1000, (hex) => {
  const location = BigInt(`0x${hex}`);
  return remembered((stack: readonly StackFrame[]): readonly StackFrame[] => {
    const at = stack.findIndex(({ address }) => address === location);
    return at >= 0 ? stack.slice(at).map(asReturn) : [{ address: vaddr(location), kind: "return", reliable: true }, ...stack];
  });
});
