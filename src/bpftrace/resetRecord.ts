import type { Endianness } from "../base/byteReader";
import { parseStacks } from "../stacks/parseStacks";
import type { StackFrame } from "../stacks/stack";
import { commMark, isIpv6Function, networkPort, networkWord, recordFields, recordMark, resetFunctions, type ResetFunction } from "./resetProgram";

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
  readonly packet?: ResetPacket;
  /** Value of enum sk_rst_reason. */
  readonly reason?: number;
  readonly pid: number;
  readonly comm: string;
  /** Inode of the network namespace; 0 when it could not be read. */
  readonly netns: number;
  readonly stack: readonly StackFrame[];
}

export interface ResetPacket {
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
  /** In the header's order: FIN, SYN, RST, PSH, ACK, URG. */
  readonly flags: readonly string[];
  readonly seq: number;
  readonly ack: number;
  /** Bytes of data. undefined when the headers do not say. */
  readonly payload?: number;
}

const flagNames = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"] as const;

/** @returns undefined when the text is not a whole record */
export function parseResetRecord(text: string, endianness: Endianness): ResetRecord | undefined {
  const [head = "", ...rest] = text.split("\n");
  const values = readValues(head);
  if (!values) return undefined;
  const end = rest.findIndex((line) => line.startsWith(commMark));
  if (end < 0) return undefined;
  const comm = rest.slice(end).join("\n").slice(commMark.length).replace(/\n$/, "");
  const stack = parseStacks(rest.slice(0, end).join("\n")).stacks[0]?.frames ?? [];
  return recordOf(values, { comm, stack: fromProbe(stack, values.probe) }, endianness);
}

/** Frames above the probed function belong to the tracer itself. */
function fromProbe(frames: readonly StackFrame[], probe: ResetFunction): readonly StackFrame[] {
  const at = frames.findIndex(({ symbol }) => symbol === probe);
  return at <= 0 ? frames : frames.slice(at).map((frame, index) => (index === 0 ? { ...frame, kind: "exact" } : frame));
}

interface Values {
  readonly probe: ResetFunction;
  readonly text: (name: string) => string;
  readonly number: (name: string) => number;
}

function readValues(head: string): Values | undefined {
  const [mark = "", ...words] = head.split("|");
  const probe = resetFunctions.find((name) => mark === `${recordMark} ${name}`);
  if (probe === undefined) return undefined;
  const names = recordFields(probe);
  if (words.length !== names.length) return undefined;
  const values = new Map(names.map((name, index) => [name, words[index] ?? ""]));
  const text = (name: string): string => values.get(name) ?? "";
  const number = (name: string): number => (Number.isSafeInteger(Number(text(name))) ? Number(text(name)) : 0);
  return { probe, text, number };
}

function recordOf(values: Values, tail: Pick<ResetRecord, "comm" | "stack">, endianness: Endianness): ResetRecord {
  const { probe, text, number } = values;
  const sk = hexValue(text("sk"));
  const version = isIpv6Function(probe) || (probe === "tcp_send_active_reset" && number("family") === 10) ? 6 : 4;
  const packet = probe === "tcp_send_active_reset" ? undefined : packetOf(values, endianness);
  const localPort = number("num") || networkPort(number("sport"), endianness);
  return {
    probe, sk,
    family: number("family"),
    state: number("state"),
    local: { address: text(`local${version}`), port: localPort },
    remote: { address: text(`remote${version}`), port: networkPort(number("dport"), endianness) },
    shutdown: number("shutdown"),
    hasOwner: hexValue(text("owner")) !== 0n,
    linger2: number("linger2"),
    substate: number("substate"),
    ...(packet && { packet }),
    ...(number("reason") >= 0 && text("reason") !== "-1" ? { reason: number("reason") } : {}),
    pid: number("pid"),
    netns: number("netns") || number("devnetns"),
    ...tail,
  };
}

function packetOf({ probe, text, number }: Values, endianness: Endianness): ResetPacket {
  const length = networkPort(number("length"), endianness) + (isIpv6Function(probe) ? 40 : 0);
  const payload = length - (number("thoff") - number("netoff")) - number("doff") * 4;
  return {
    source: { address: text("psaddr"), port: networkPort(number("psource"), endianness) },
    destination: { address: text("pdaddr"), port: networkPort(number("pdest"), endianness) },
    flags: flagNames.filter((name) => number(name.toLowerCase()) === 1),
    seq: networkWord(number("seq"), endianness),
    ack: networkWord(number("ackseq"), endianness),
    ...(payload >= 0 ? { payload } : {}),
  };
}

const hexValue = (text: string): bigint => (/^[0-9a-f]{1,16}$/.test(text) ? BigInt(`0x${text}`) : 0n);
