import type { Endianness } from "../base/byteReader";
import type { StackFrame } from "../stacks/stack";
import { networkPort } from "./networkOrder";
import { tcpPacket, type TcpPacket } from "./packetFields";
import type { TraceRecord } from "./recordReader";
import { isIpv6Function, resetFunctions, type ResetFunction } from "./resetProgram";

/** One record of the reset program, its numbers in host order. What was not there reads as zero, as the program prints it. */
export interface ResetRecord {
  readonly probe: ResetFunction;
  /** Address of the socket; 0 when there was none. */
  readonly sk: bigint;
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
  const probe = resetFunctions.find((name) => name === record.shape);
  if (probe === undefined) return undefined;
  const { text, number, address, pid, comm } = record;
  const isActive = probe === "tcp_send_active_reset";
  const version = isIpv6Function(probe) || (isActive && number("family") === 10) ? 6 : 4;
  const localPort = number("num") || networkPort(number("sport"), endianness);
  return {
    probe,
    sk: address("sk"),
    family: number("family"),
    state: number("state"),
    local: { address: text(`local${version}`), port: localPort },
    remote: { address: text(`remote${version}`), port: networkPort(number("dport"), endianness) },
    shutdown: number("shutdown"),
    hasOwner: address("owner") !== 0n,
    linger2: number("linger2"),
    substate: number("substate"),
    ...(isActive ? {} : { packet: tcpPacket(record, isIpv6Function(probe), endianness) }),
    ...(number("reason") >= 0 ? { reason: number("reason") } : {}),
    pid, comm,
    netns: number("netns") || number("devnetns"),
    stack: fromProbe(record.stack, probe),
  };
}

/** Frames above the probed function belong to the tracer itself. */
export function fromProbe(frames: readonly StackFrame[], probe: string): readonly StackFrame[] {
  const at = frames.findIndex(({ symbol }) => symbol === probe);
  return at <= 0 ? frames : frames.slice(at).map((frame, index) => (index === 0 ? { ...frame, kind: "exact" } : frame));
}
