/**
 * BTF, the kernel's own description of its types (Documentation/bpf/btf.rst, include/uapi/linux/btf.h). A header, a section of types that
 * refer to each other by number from 1, a section of names. A module's BTF continues the numbers and names of the kernel's: it is read with that
 * as its base. Types are not decoded at once: one pass notes where each begins, the rest is done when asked.
 *
 * Files of 2026 have a longer header and wider fields in `info` (24 bits of count, 7 bits of kind); those masks read the older files too.
 */
import { ByteReader, type Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";

export interface BtfParameter {
  readonly name: string;
  /** As in C: `struct sk_buff *`, `const struct sock *`, `enum sk_rst_reason`. */
  readonly type: string;
}

const kinds = {
  int: 1, pointer: 2, array: 3, struct: 4, union: 5, enum: 6, forward: 7, typedef: 8, volatile: 9, const: 10, restrict: 11, func: 12,
  funcProto: 13, variable: 14, dataSection: 15, float: 16, declTag: 17, typeTag: 18, enum64: 19,
} as const;

/** Bytes after the 12 that every type has: fixed, and for each of its members. */
const extraBytes: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  [kinds.int]: [4, 0], [kinds.pointer]: [0, 0], [kinds.array]: [12, 0], [kinds.struct]: [0, 12], [kinds.union]: [0, 12], [kinds.enum]: [0, 8], [kinds.forward]: [0, 0],
  [kinds.typedef]: [0, 0], [kinds.volatile]: [0, 0], [kinds.const]: [0, 0], [kinds.restrict]: [0, 0], [kinds.func]: [0, 0], [kinds.funcProto]: [0, 8], [kinds.variable]: [4, 0],
  [kinds.dataSection]: [0, 12], [kinds.float]: [0, 0], [kinds.declTag]: [4, 0], [kinds.typeTag]: [0, 0], [kinds.enum64]: [0, 12],
};

/** A chain of pointers and qualifiers longer than this is damage. */
const deepest = 32;

interface RawType {
  readonly name: string;
  readonly kind: number;
  readonly count: number;
  /** Size, or the number of the type this one refers to. */
  readonly target: number;
  /** A reader at what follows the common part. */
  readonly rest: ByteReader;
}

export class Btf {
  /** Offsets of the types in `bytes`, the first of this file first. */
  private readonly offsets: readonly number[];
  private readonly firstId: number;
  private readonly stringBase: number;

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly endianness: Endianness,
    private readonly where: string,
    private readonly strings: Uint8Array,
    types: readonly [start: number, end: number],
    private readonly base: Btf | undefined,
  ) {
    this.firstId = base ? base.nextId : 1;
    this.stringBase = base ? base.stringBase + base.strings.length : 0;
    this.offsets = this.walk(types);
  }

  /**
   * @param where name of the file, for errors
   * @param base  the kernel's own BTF, for that of a module
   * @throws DomainError `btf/bad-format` with file and offset
   */
  static parse(bytes: Uint8Array, where: string, base?: Btf): Btf {
    const endianness: Endianness = bytes[0] === 0x9f ? "little" : "big";
    const reader = new ByteReader(bytes, endianness, where);
    if (bytes.length < 24 || reader.u16() !== 0xeb9f) throw new DomainError("btf/bad-format", "this is not BTF", where);
    const headerLength = reader.skip(2).u32();
    const [typeOffset, typeLength, stringOffset, stringLength] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
    const strings = reader.seek(headerLength).skip(stringOffset).take(stringLength);
    reader.seek(headerLength).skip(typeOffset).skip(typeLength);
    return new Btf(bytes, endianness, where, strings, [headerLength + typeOffset, headerLength + typeOffset + typeLength], base);
  }

  /** Parameters of a function, static ones included. undefined when there is none of that name. */
  parametersOf(name: string): readonly BtfParameter[] | undefined {
    const func = this.find(name, [kinds.func]);
    const proto = func && this.type(func.target);
    if (proto?.kind !== kinds.funcProto) return undefined;
    return Array.from({ length: proto.count }, () => {
      const parameter = this.nameAt(proto.rest.u32());
      return { name: parameter, type: this.typeName(proto.rest.u32()) };
    });
  }

  /** Value → name. undefined when there is no such enum. 64-bit values beyond what a number holds are left out. */
  enumerators(name: string): ReadonlyMap<number, string> | undefined {
    const type = this.find(name, [kinds.enum, kinds.enum64]);
    if (!type) return undefined;
    const isWide = type.kind === kinds.enum64;
    const entries = Array.from({ length: type.count }, () => {
      const label = this.nameAt(type.rest.u32());
      const low = isWide ? type.rest.u32() : type.rest.i32();
      return [isWide ? type.rest.u32() * 2 ** 32 + low : low, label] as const;
    });
    return new Map(entries.filter(([value]) => Number.isSafeInteger(value)));
  }

  private get nextId(): number {
    return this.firstId + this.offsets.length;
  }

  /** The first of this file, else of its base. */
  private find(name: string, wanted: readonly number[]): RawType | undefined {
    const needle = new TextEncoder().encode(`${name}\0`);
    for (const offset of this.offsets) {
      const reader = this.reader(offset);
      const nameOffset = reader.u32();
      if (wanted.includes((reader.u32() >>> 24) & 0x7f) && this.isNamed(nameOffset, needle)) return this.typeAt(offset);
    }
    return this.base?.find(name, wanted);
  }

  private type(id: number): RawType | undefined {
    if (id < this.firstId) return this.base?.type(id);
    const offset = this.offsets[id - this.firstId];
    return offset === undefined ? undefined : this.typeAt(offset);
  }

  private typeAt(offset: number): RawType {
    const rest = this.reader(offset);
    const [nameOffset, info, target] = [rest.u32(), rest.u32(), rest.u32()];
    return { name: this.nameAt(nameOffset), kind: (info >>> 24) & 0x7f, count: info & 0xffffff, target, rest };
  }

  private typeName(id: number, depth = 0): string {
    if (id === 0) return "void";
    const type = depth > deepest ? undefined : this.type(id);
    if (!type) return "?";
    const inner = (): string => this.typeName(type.target, depth + 1);
    switch (type.kind) {
      case kinds.pointer: {
        const pointee = inner();
        return pointee.endsWith("*") ? `${pointee}*` : `${pointee} *`;
      }
      case kinds.const:
        return `const ${inner()}`;
      case kinds.volatile:
        return `volatile ${inner()}`;
      case kinds.restrict:
      case kinds.typeTag:
        return inner();
      case kinds.struct:
      case kinds.forward:
        return `struct ${type.name}`;
      case kinds.union:
        return `union ${type.name}`;
      case kinds.enum:
      case kinds.enum64:
        return `enum ${type.name}`;
      default:
        return type.name;
    }
  }

  /** Where each type begins. A kind that is not known ends the reading: what follows it cannot be found. */
  private walk([start, end]: readonly [number, number]): readonly number[] {
    const offsets: number[] = [];
    const reader = this.reader(start);
    while (reader.offset < end) {
      const offset = reader.offset;
      const info = reader.skip(4).u32();
      const kind = (info >>> 24) & 0x7f;
      const extra = extraBytes[kind];
      if (!extra) throw reader.seek(offset).error(`type of unknown kind ${kind}`, "btf/bad-format");
      reader.skip(4 + extra[0] + extra[1] * (info & 0xffffff));
      offsets.push(offset);
    }
    return offsets;
  }

  private reader(offset: number): ByteReader {
    return new ByteReader(this.bytes, this.endianness, this.where, offset);
  }

  private nameAt(offset: number): string {
    if (offset < this.stringBase) return this.base?.nameAt(offset) ?? "";
    const start = offset - this.stringBase;
    const end = this.strings.indexOf(0, start);
    return new TextDecoder().decode(this.strings.subarray(start, end < 0 ? this.strings.length : end));
  }

  private isNamed(offset: number, needle: Uint8Array): boolean {
    if (offset < this.stringBase) return this.base?.isNamed(offset, needle) ?? false;
    const start = offset - this.stringBase;
    return needle.every((byte, index) => this.strings[start + index] === byte);
  }
}
