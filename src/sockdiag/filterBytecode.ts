/**
 * INET_DIAG_REQ_BYTECODE: a filter as the little program that the kernel runs for each socket of an inet dump (inet_diag_bc_run
 * in net/ipv4/inet_diag.c, structures of include/uapi/linux/inet_diag.h).
 *
 * An operation is `struct inet_diag_bc_op`: u8 code, u8 yes, u16 no, then its operand. `yes` and `no` are distances in bytes to
 * what is next when it holds and when it does not; at the very end of the program the socket is taken, four bytes beyond it is
 * not. The kernel refuses programs whose chain of `yes` does not pass every operation, so here `yes` always is the operation's own
 * size and every jump is a `no`, that of JMP when it must be taken.
 */
import type { Endianness } from "../base/byteReader";
import { unreachable } from "../base/errors";
import type { Comparison, FilterExpression, HostCondition, Side } from "./filterExpression";
import { hostWords } from "./hostWords";

export const bytecodeOp = {
  nop: 0, jmp: 1, sourceGe: 2, sourceLe: 3, destinationGe: 4, destinationLe: 5, auto: 6, sourceCond: 7, destinationCond: 8, deviceCond: 9, markCond: 10,
  sourceEq: 11, destinationEq: 12, cgroupCond: 13,
} as const;

/** The loopback interface has this index in every namespace; others have another one in each. */
export const LOOPBACK_INDEX = 1;

/** Distances are u16, and the kernel checks each jump by walking from the start: a long program would cost more than it saves. */
export const longestBytecode = 16_384;

/** Where a socket that does not match goes to. */
interface Label {
  at?: number;
}

interface Operation {
  readonly code: number;
  readonly operand: (view: DataView, at: number, little: boolean) => void;
  readonly size: number;
  readonly otherwise: Label;
  readonly at: number;
}

/** Whether a condition can be given to the kernel as it is: of a device only loopback's index is known beforehand, of a cgroup only a number is. */
export function runsInKernel(condition: FilterExpression): boolean {
  switch (condition.kind) {
    case "and":
    case "or": return runsInKernel(condition.left) && runsInKernel(condition.right);
    case "not": return runsInKernel(condition.operand);
    case "host": return condition.host.unixName === undefined && condition.host.other === undefined;
    case "device": return condition.name === "lo";
    case "cgroup": return condition.cgroup.startsWith("id:");
    case "port":
    case "mark":
    case "autobound": return true;
    default: return unreachable(condition);
  }
}

/** The payload of the attribute; undefined when the program would be too long. Every condition in it must run in the kernel. */
export const compileBytecode = (expression: FilterExpression, endianness: Endianness): Uint8Array | undefined => new BytecodeCompiler().compile(expression, endianness);

class BytecodeCompiler {
  private readonly operations: Operation[] = [];
  private size = 0;

  compile(expression: FilterExpression, endianness: Endianness): Uint8Array | undefined {
    const reject: Label = {};
    this.emit(expression, reject);
    if (this.size > longestBytecode) return undefined;
    reject.at = this.size + 4;
    const bytes = new Uint8Array(this.size);
    const view = new DataView(bytes.buffer);
    const little = endianness === "little";
    for (const { code, size, otherwise, operand, at } of this.operations) {
      view.setUint8(at, code);
      view.setUint8(at + 1, size);
      view.setUint16(at + 2, (otherwise.at ?? this.size) - at, little);
      operand(view, at + 4, little);
    }
    return bytes;
  }

  /** Code that goes on behind itself when the expression holds, and to `otherwise` when not. */
  private emit(expression: FilterExpression, otherwise: Label): void {
    switch (expression.kind) {
      case "and":
        this.emit(expression.left, otherwise);
        this.emit(expression.right, otherwise);
        break;
      case "or": {
        const second: Label = {};
        const end: Label = {};
        this.emit(expression.left, second);
        this.jump(end);
        this.place(second);
        this.emit(expression.right, otherwise);
        this.place(end);
        break;
      }
      case "not": {
        const holds: Label = {};
        this.emit(expression.operand, holds);
        this.jump(otherwise);
        this.place(holds);
        break;
      }
      default: this.emitCondition(expression, otherwise);
    }
  }

  private emitCondition(condition: Exclude<FilterExpression, { kind: "and" | "or" | "not" }>, otherwise: Label): void {
    switch (condition.kind) {
      case "host": this.host(condition.side, condition.host, otherwise); break;
      case "port": this.port(condition.side, condition.comparison, condition.port, otherwise); break;
      case "device": this.add(bytecodeOp.deviceCond, 4, otherwise, (view, at, little) => view.setUint32(at, LOOPBACK_INDEX, little)); break;
      case "mark":
        this.add(bytecodeOp.markCond, 8, otherwise, (view, at, little) => {
          view.setUint32(at, condition.mark & condition.mask, little);
          view.setUint32(at + 4, condition.mask, little);
        });
        break;
      case "cgroup": this.add(bytecodeOp.cgroupCond, 8, otherwise, (view, at, little) => view.setBigUint64(at, BigInt(condition.cgroup.slice(3)), little)); break;
      case "autobound": this.add(bytecodeOp.auto, 0, otherwise); break;
      default: unreachable(condition);
    }
  }

  /** struct inet_diag_hostcond: u8 family, u8 prefix length, padding, i32 port (−1: any), address in network order. */
  private host(side: Side, host: HostCondition, otherwise: Label): void {
    const words = hostWords(host);
    const count = words ? Math.ceil(words.bits / 32) : 0;
    this.add(side === "local" ? bytecodeOp.sourceCond : bytecodeOp.destinationCond, 8 + 4 * addressWordsOf(words?.family), otherwise, (view, at, little) => {
      view.setUint8(at, words?.family ?? 0);
      view.setUint8(at + 1, words?.bits ?? 0);
      view.setInt32(at + 4, host.port ?? -1, little);
      for (let word = 0; word < count; word++) view.setUint32(at + 8 + 4 * word, words?.words[word] ?? 0);
    });
  }

  private port(side: Side, comparison: Comparison, port: number, otherwise: Label): void {
    const local = side === "local";
    const [ge, le] = local ? [bytecodeOp.sourceGe, bytecodeOp.sourceLe] : [bytecodeOp.destinationGe, bytecodeOp.destinationLe];
    switch (comparison) {
      case "=": this.compare(local ? bytecodeOp.sourceEq : bytecodeOp.destinationEq, port, otherwise); break;
      case "!=": {
        const differs: Label = {};
        this.port(side, "=", port, differs);
        this.jump(otherwise);
        this.place(differs);
        break;
      }
      case ">=": this.compare(ge, port, otherwise); break;
      case "<=": this.compare(le, port, otherwise); break;
      case ">":
        if (port === 0xffff) this.jump(otherwise);
        else this.compare(ge, port + 1, otherwise);
        break;
      case "<":
        if (port === 0) this.jump(otherwise);
        else this.compare(le, port - 1, otherwise);
        break;
      default: unreachable(comparison);
    }
  }

  /** The port is the `no` of a second operation that is only an operand. */
  private compare(code: number, port: number, otherwise: Label): void {
    this.add(code, 4, otherwise, (view, at, little) => view.setUint16(at + 2, port, little));
  }

  private jump(to: Label): void {
    this.add(bytecodeOp.jmp, 0, to);
  }

  private place(label: Label): void {
    label.at = this.size;
  }

  private add(code: number, operandSize: number, otherwise: Label, operand: Operation["operand"] = () => undefined): void {
    const size = 4 + operandSize;
    this.operations.push({ code, size, otherwise, operand, at: this.size });
    this.size += size;
  }
}

const addressWordsOf = (family: number | undefined): number => (family === undefined ? 0 : family === 2 ? 1 : 4);
