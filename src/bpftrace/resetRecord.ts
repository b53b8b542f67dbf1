import { remembered, rememberedText } from "../base/remembered";
import type { Endianness } from "../base/byteReader";
import type { Writable } from "../base/writable";
import type { StackFrame } from "../stacks/stack";
import { addressOf } from "./addressFields";
import { networkPort } from "./networkOrder";
import { tcpPacket, type TcpPacket } from "./packetFields";
import { hasPacket, resetFunctions, versionOf, type ResetFunction } from "./resetProgram";
import type { TraceRecord } from "./traceRecord";

/** One record of the reset program, its numbers in host order. What was not there reads as zero, as the program prints it. */
export interface ResetRecord {
  readonly probe: ResetFunction;
  readonly hasSocket: boolean;
  /** AF_ number of the socket. */
  readonly family: number;
  /** Number of the TCP state. */
  readonly state: number;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  /** RCV_SHUTDOWN 1, SEND_SHUTDOWN 2. */
  readonly shutdown: number;
  /** false once the process has let go of the socket (sock_orphan). */
  readonly hasOwner: boolean;
  /** TCP_LINGER2 in clock ticks; negative: do not wait for the peer's FIN. */
  readonly linger2: number;
  /** Only for TIME-WAIT: FIN-WAIT-2 while the peer's FIN is still awaited. */
  readonly substate: number;
  readonly packet?: TcpPacket;
  /** What connection tracking knows of the packet; undefined where that was not read. */
  readonly conntrack?: "none" | "entry" | "untracked";
  /** Value of enum sk_rst_reason. */
  readonly reason?: number;
  readonly pid: number;
  readonly comm: string;
  /** Inode of the network namespace; 0 when it could not be read. */
  readonly netns: number;
  readonly stack: readonly StackFrame[];
}

/** @returns undefined for a record of another program */
export function resetRecord(record: TraceRecord, endianness: Endianness): ResetRecord | undefined {
  const probe = functionOf(record.shape);
  if (probe === "none") return undefined;
  const version = versionOf(probe) ?? (record.number("family") === 10 ? 6 : 4);
  const address = (end: "local" | "remote"): string => addressOf(record, `${end}${version}`, version, endianness);
  const conntrack = conntrackOf(record.text("nfct"));
  const reason = record.number("reason");
  // A record is one of a flood: what may be absent is put in afterwards, since copies of objects were most of the work.
  const reset: Writable<ResetRecord> = {
    probe,
    hasSocket: record.isSet("sk"),
    family: record.number("family"),
    state: record.number("state"),
    local: { address: address("local"), port: record.number("num") || networkPort(record.number("sport"), endianness) },
    remote: { address: address("remote"), port: networkPort(record.number("dport"), endianness) },
    shutdown: record.number("shutdown"),
    hasOwner: record.isSet("owner"),
    linger2: record.number("linger2"),
    substate: record.number("substate"),
    pid: record.pid, comm: record.comm,
    netns: record.number("netns") || record.number("devnetns"),
    stack: fromProbe(record.stack, probe),
  };
  if (hasPacket(probe)) reset.packet = tcpPacket(record, version, endianness);
  if (conntrack !== undefined) reset.conntrack = conntrack;
  if (reason >= 0) reset.reason = reason;
  return reset;
}

const functionOf = rememberedText<ResetFunction | "none">(1000, (shape) => resetFunctions.find((name) => name === shape) ?? "none");

/** struct sk_buff._nfct: the entry's address, and in its lowest three bits what the packet is to it; 7 without an address: not to be tracked (IP_CT_UNTRACKED). */
function conntrackOf(hex: string): ResetRecord["conntrack"] {
  if (hex === "") return undefined;
  const value = /^[0-9a-f]{1,16}$/.test(hex) ? BigInt(`0x${hex}`) : undefined;
  if (value === undefined) return undefined;
  return value === 0n ? "none" : value >> 3n === 0n ? "untracked" : "entry";
}

/** Frames above the probed function belong to the tracer itself. */
export const fromProbe = (frames: readonly StackFrame[], probe: string): readonly StackFrame[] => startingWith(probe)(frames);

const startingWith = rememberedText(100, (probe) =>
  remembered((frames: readonly StackFrame[]) => {
    const at = frames.findIndex(({ symbol }) => symbol === probe);
    return at <= 0 ? frames : frames.slice(at).map((frame, index) => (index === 0 ? { ...frame, kind: "exact" as const } : frame));
  }),
);
