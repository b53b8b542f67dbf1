/**
 * What the kernel does with INET_DIAG_REQ_BYTECODE, written after net/ipv4/inet_diag.c of Linux 6.x: inet_diag_bc_audit decides
 * whether a program is taken at all, inet_diag_bc_run whether a socket is. Both keep the kernel's shape (an offset, a length that
 * is left, distances that are added), so that a program that would escape its bounds there does so here.
 */
import { bytecodeOp as op, type bytecodeOp } from "../../src/sockdiag/filterBytecode";

/** struct inet_diag_entry, addresses as bytes in network order. */
export interface DiagEntry {
  readonly family: 2 | 10;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sport: number;
  readonly dport: number;
  readonly interfaceIndex: number;
  readonly mark: number;
  readonly cgroupId: bigint;
  /** SOCK_BINDPORT_LOCK: the port was asked for. */
  readonly boundPort: boolean;
}

type Code = (typeof bytecodeOp)[keyof typeof bytecodeOp];

const OP_SIZE = 4;
const HOSTCOND_SIZE = 8;

class Program {
  private readonly view: DataView;

  constructor(
    bytes: Uint8Array,
    private readonly little: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  readonly code = (at: number): Code => this.view.getUint8(at) as Code;
  readonly yes = (at: number): number => this.view.getUint8(at + 1);
  readonly no = (at: number): number => this.view.getUint16(at + 2, this.little);
  readonly u8 = (at: number): number => this.view.getUint8(at);
  readonly u32 = (at: number): number => this.view.getUint32(at, this.little);
  readonly i32 = (at: number): number => this.view.getInt32(at, this.little);
  readonly u64 = (at: number): bigint => this.view.getBigUint64(at, this.little);
  readonly bytes = (at: number, length: number): Uint8Array => new Uint8Array(this.view.buffer, this.view.byteOffset + at, length);
}

/** 0, or the errno with which the kernel refuses the program. */
export function auditBytecode(bytes: Uint8Array, endianness: "little" | "big", netAdmin = true): 0 | 1 | 22 {
  if (bytes.length < OP_SIZE) return 22;
  const program = new Program(bytes, endianness === "little");
  let [at, left] = [0, bytes.length];
  while (left > 0) {
    if (left < OP_SIZE) return 22;
    const minimum = minimumSize(program, at, left);
    if (minimum === undefined) return 22;
    if (program.code(at) === op.markCond && !netAdmin) return 1;
    if (program.code(at) !== op.nop) {
      const no = program.no(at);
      if (no < minimum || no > left + 4 || no & 3) return 22;
      if (no < left && !isOperation(program, bytes.length, left - no)) return 22;
    }
    const yes = program.yes(at);
    if (yes < minimum || yes > left + 4 || yes & 3) return 22;
    at += yes;
    left -= yes;
  }
  return left === 0 ? 0 : 22;
}

/** Bytes of an operation with its operand; undefined when it is none or is cut short. */
function minimumSize(program: Program, at: number, left: number): number | undefined {
  const sized = (size: number): number | undefined => (left < size ? undefined : size);
  switch (program.code(at)) {
    case op.sourceCond:
    case op.destinationCond: return hostcondSize(program, at, left);
    case op.deviceCond: return sized(OP_SIZE + 4);
    case op.sourceGe: case op.sourceLe: case op.destinationGe: case op.destinationLe: case op.sourceEq: case op.destinationEq: return sized(2 * OP_SIZE);
    case op.markCond:
    case op.cgroupCond: return sized(OP_SIZE + 8);
    case op.auto: case op.jmp: case op.nop: return OP_SIZE;
    default: return undefined;
  }
}

function hostcondSize(program: Program, at: number, left: number): number | undefined {
  if (left < OP_SIZE + HOSTCOND_SIZE) return undefined;
  const length = { 0: 0, 2: 4, 10: 16 }[program.u8(at + OP_SIZE)];
  if (length === undefined || left < OP_SIZE + HOSTCOND_SIZE + length || program.u8(at + OP_SIZE + 1) > 8 * length) return undefined;
  return OP_SIZE + HOSTCOND_SIZE + length;
}

/** valid_cc: a jump must hit an operation that the chain of `yes` passes. */
function isOperation(program: Program, length: number, target: number): boolean {
  for (let [at, left] = [0, length]; left >= 0; ) {
    if (target > left) return false;
    if (target === left) return true;
    const yes = program.yes(at);
    if (yes < 4 || yes & 3) return false;
    left -= yes;
    at += yes;
  }
  return false;
}

/** Whether the socket is taken. The program must have passed the audit. */
export function runBytecode(bytes: Uint8Array, endianness: "little" | "big", entry: DiagEntry): boolean {
  const program = new Program(bytes, endianness === "little");
  let [at, left] = [0, bytes.length];
  while (left > 0) {
    const step = holds(program, at, entry) ? program.yes(at) : program.no(at);
    left -= step;
    at += step;
  }
  return left === 0;
}

function holds(program: Program, at: number, entry: DiagEntry): boolean {
  const operand = at + OP_SIZE;
  switch (program.code(at)) {
    case op.nop: return true;
    case op.jmp: return false;
    case op.sourceEq: return entry.sport === program.no(operand);
    case op.sourceGe: return entry.sport >= program.no(operand);
    case op.sourceLe: return entry.sport <= program.no(operand);
    case op.destinationEq: return entry.dport === program.no(operand);
    case op.destinationGe: return entry.dport >= program.no(operand);
    case op.destinationLe: return entry.dport <= program.no(operand);
    case op.auto: return !entry.boundPort;
    case op.sourceCond: return hostHolds(program, operand, entry.family, entry.source, entry.sport);
    case op.destinationCond: return hostHolds(program, operand, entry.family, entry.destination, entry.dport);
    case op.deviceCond: return program.u32(operand) === entry.interfaceIndex;
    case op.markCond: return ((entry.mark & program.u32(operand + 4)) >>> 0) === program.u32(operand);
    case op.cgroupCond: return program.u64(operand) === entry.cgroupId;
  }
}

function hostHolds(program: Program, at: number, family: number, address: Uint8Array, port: number): boolean {
  const [wanted, bits, wantedPort] = [program.u8(at), program.u8(at + 1), program.i32(at + 4)];
  if (wantedPort !== -1 && wantedPort !== port) return false;
  const prefix = program.bytes(at + HOSTCOND_SIZE, wanted === 10 ? 16 : wanted === 2 ? 4 : 0);
  if (wanted !== 0 && wanted !== family) {
    const mapped = Buffer.from(address.subarray(0, 12)).equals(Buffer.from("00000000000000000000ffff", "hex"));
    return family === 10 && wanted === 2 && mapped && bitsMatch(address.subarray(12), prefix, bits);
  }
  return bits === 0 || bitsMatch(address, prefix, bits);
}

function bitsMatch(left: Uint8Array, right: Uint8Array, bits: number): boolean {
  for (let bit = 0; bit < bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if (((left[bit >> 3] ?? 0) & mask) !== ((right[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}
