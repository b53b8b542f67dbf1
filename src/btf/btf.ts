/**
 * BTF, the kernel's own description of its types (Documentation/bpf/btf.rst, include/uapi/linux/btf.h). A header, a section of types that
 * refer to each other by number from 1, a section of names. A module's BTF continues the numbers and names of the kernel's: it is read with that
 * as its base. Types are not decoded at once: one pass notes where each begins, the rest is done when asked.
 *
 * Files of 2026 have a longer header and wider fields in `info` (24 bits of count, 7 bits of kind); those masks read the older files too.
 */
import { ByteReader, type Endianness } from "../base/byteReader";
import { hashBytes } from "../base/hashBytes";
import { DomainError } from "../base/errors";
import { extraBytes, kindNames, kindsOf, type BtfKind, type NameSpace } from "./btfKinds";
import { declaration } from "./declaration";
import { NameIndex } from "./nameIndex";

export interface BtfParameter {
  readonly name: string;
  /** As in C: `struct sk_buff *`, `const struct sock *`, `enum sk_rst_reason`. */
  readonly type: string;
}

/** A type as the file has it, without what follows its common part. Numbers of types are those of `owner`. */
export interface BtfType {
  readonly owner: Btf;
  readonly id: number;
  readonly kind: BtfKind;
  readonly name: string;
  /** Members, parameters or enumerators. */
  readonly count: number;
  /** The flag of `info`: signed values of enumerators, bit fields among members. */
  readonly flag: boolean;
  /** Size in bytes, or the number of the type that this one refers to. */
  readonly target: number;
  /** Where what follows the common part begins in the file. */
  readonly rest: number;
}

export interface BtfMember {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  /** Of a bit field; 0 for any other. */
  readonly bitSize: number;
}

const commonSize = 12;
const none: BtfMember[] = [];

export class Btf {
  /** Offsets of the types in `bytes`, the first of this file first. */
  private readonly offsets: Uint32Array;
  private readonly view: DataView;
  private readonly little: boolean;
  private readonly firstId: number;
  private readonly stringBase: number;
  private index: NameIndex | undefined;

  private constructor(
    bytes: Uint8Array,
    endianness: Endianness,
    private readonly where: string,
    private readonly strings: Buffer,
    types: readonly [start: number, end: number],
    readonly base: Btf | undefined,
  ) {
    this.firstId = base ? base.nextId : 1;
    this.stringBase = base ? base.stringBase + base.strings.length : 0;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = endianness === "little";
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
    const names = reader.seek(headerLength).skip(stringOffset).take(stringLength);
    const strings = Buffer.from(names.buffer, names.byteOffset, names.length);
    reader.seek(headerLength).skip(typeOffset).skip(typeLength);
    return new Btf(bytes, endianness, where, strings, [headerLength + typeOffset, headerLength + typeOffset + typeLength], base);
  }

  /** The number after that of the last type. */
  get nextId(): number {
    return this.firstId + this.offsets.length;
  }

  /** Types of this file, without those of its base. */
  get length(): number {
    return this.offsets.length;
  }

  /** Number 0 is void; a number that no type has is undefined. */
  type(id: number): BtfType | undefined {
    if (id < this.firstId) return this.base ? this.base.type(id) : id === 0 ? { owner: this, id: 0, kind: "void", name: "void", count: 0, flag: false, target: 0, rest: 0 } : undefined;
    const at = this.offsets[id - this.firstId];
    if (at === undefined) return undefined;
    const info = this.u32(at + 4);
    const kind = kindNames[(info >>> 24) & 0x7f] ?? "void";
    return { owner: this, id, kind, name: this.nameAt(this.u32(at)), count: info & 0xffffff, flag: info >>> 31 === 1, target: this.u32(at + 8), rest: at + commonSize };
  }

  /** The first of this file, else of its base. A forward declaration is none. */
  find(space: NameSpace, name: string): BtfType | undefined {
    const needle = new TextEncoder().encode(name);
    if (needle.length > 0) {
      for (const index of this.names().candidates(hashBytes(needle, 0))) {
        if (!this.isNamed(index, needle)) continue;
        const type = this.type(this.firstId + index);
        if (type && kindsOf[space].includes(type.kind)) return type;
      }
    }
    return this.base?.find(space, name);
  }

  /** Names of all types of this file that are in this name space, in its order; a name that stands twice comes twice. */
  *namesIn(space: NameSpace): Generator<string> {
    const wanted = kindsOf[space].map((kind) => kindNames.indexOf(kind));
    for (const at of this.offsets) {
      if (!wanted.includes((this.u32(at + 4) >>> 24) & 0x7f)) continue;
      const name = this.nameAt(this.u32(at));
      if (name !== "") yield name;
    }
  }

  /** Names of the values of all enums of this file. */
  *valueNames(): Generator<string> {
    const sizes = new Map([[kindNames.indexOf("enum"), 8], [kindNames.indexOf("enum64"), 12]]);
    for (const at of this.offsets) {
      const info = this.u32(at + 4);
      const size = sizes.get((info >>> 24) & 0x7f);
      if (size === undefined) continue;
      for (let index = 0; index < (info & 0xffffff); index++) yield this.nameAt(this.u32(at + commonSize + index * size));
    }
  }

  /** The types of this file that are of these kinds. */
  *typesOf(kinds: readonly BtfKind[]): Generator<BtfType> {
    for (let id = this.firstId; id < this.nextId; id++) {
      const kind = kindNames[(this.u32((this.offsets[id - this.firstId] ?? 0) + 4) >>> 24) & 0x7f];
      const type = kind && kinds.includes(kind) ? this.type(id) : undefined;
      if (type) yield type;
    }
  }

  /** Of a struct or union. */
  members({ kind, count, flag, rest }: BtfType): BtfMember[] {
    if (kind !== "struct" && kind !== "union") return none;
    return Array.from({ length: count }, (_, index) => {
      const at = rest + index * 12;
      const place = this.u32(at + 8);
      return { name: this.nameAt(this.u32(at)), type: this.u32(at + 4), bitOffset: flag ? place & 0xffffff : place, bitSize: flag ? place >>> 24 : 0 };
    });
  }

  /** Of a function's prototype; the last of a variadic one has neither name nor type. */
  parameters({ kind, count, rest }: BtfType): { readonly name: string; readonly type: number }[] {
    if (kind !== "funcProto") return [];
    return Array.from({ length: count }, (_, index) => ({ name: this.nameAt(this.u32(rest + index * 8)), type: this.u32(rest + index * 8 + 4) }));
  }

  /** Of an enum. */
  values({ kind, count, flag, rest }: BtfType): { readonly name: string; readonly value: bigint }[] {
    if (kind !== "enum" && kind !== "enum64") return [];
    const isWide = kind === "enum64";
    return Array.from({ length: count }, (_, index) => {
      const at = rest + index * (isWide ? 12 : 8);
      const low = this.u32(at + 4);
      if (!isWide) return { name: this.nameAt(this.u32(at)), value: BigInt(flag ? low | 0 : low) };
      const value = (BigInt(this.u32(at + 8)) << 32n) | BigInt(low);
      return { name: this.nameAt(this.u32(at)), value: flag ? BigInt.asIntN(64, value) : value };
    });
  }

  array({ kind, rest }: BtfType): { readonly element: number; readonly index: number; readonly count: number } | undefined {
    return kind === "array" ? { element: this.u32(rest), index: this.u32(rest + 4), count: this.u32(rest + 8) } : undefined;
  }

  /** The word after an INT: encoding in bits 24 to 27 (1 signed, 2 char, 4 bool), offset in 16 to 23, bits in 0 to 7. */
  int({ kind, rest }: BtfType): { readonly encoding: number; readonly bitOffset: number; readonly bits: number } | undefined {
    if (kind !== "int") return undefined;
    const word = this.u32(rest);
    return { encoding: (word >>> 24) & 0xf, bitOffset: (word >>> 16) & 0xff, bits: word & 0xff };
  }

  /** The 32-bit words after the common part of any other type: linkage of a variable, place of a tag, members of a section. */
  words({ rest }: BtfType, count: number): readonly number[] {
    return Array.from({ length: count }, (_, index) => this.u32(rest + index * 4));
  }

  /** Parameters of a function, static ones included. undefined when there is none of that name. */
  parametersOf(name: string): readonly BtfParameter[] | undefined {
    const proto = this.prototypeOf(name);
    return proto?.owner.parameters(proto).map((parameter) => ({ name: parameter.name, type: declaration(proto.owner, parameter.type) }));
  }

  prototypeOf(name: string): BtfType | undefined {
    const func = this.find("func", name);
    const proto = func?.owner.type(func.target);
    return proto?.kind === "funcProto" ? proto : undefined;
  }

  /** Value → name. undefined when there is no such enum. 64-bit values beyond what a number holds are left out. */
  enumerators(name: string): ReadonlyMap<number, string> | undefined {
    const type = this.find("enum", name);
    const values = type?.owner.values(type).map(({ name: label, value }) => [Number(value), label] as const);
    return values && new Map(values.filter(([value]) => Number.isSafeInteger(value)));
  }

  private names(): NameIndex {
    this.index ??= new NameIndex(this.offsets.length, (index) => {
      const name = this.u32(this.offsets[index] ?? 0);
      if (name === 0) return undefined;
      return name < this.stringBase ? hashBytes(this.bytesOf(name), 0) : hashBytes(this.strings, name - this.stringBase);
    });
    return this.index;
  }

  /** Where each type begins. A kind that is not known ends the reading: what follows it cannot be found. */
  private walk([start, end]: readonly [number, number]): Uint32Array {
    const offsets = new Uint32Array(Math.floor((end - start) / commonSize));
    let count = 0;
    for (let at = start; at < end; ) {
      if (at + commonSize > end) throw this.bad(at, "a type is cut off");
      const info = this.u32(at + 4);
      const extra = extraBytes[(info >>> 24) & 0x7f];
      if (!extra) throw this.bad(at, `type of unknown kind ${(info >>> 24) & 0x7f}`);
      offsets[count++] = at;
      at += commonSize + extra[0] + extra[1] * (info & 0xffffff);
      if (at > end) throw this.bad(at, "a type is cut off");
    }
    return offsets.slice(0, count);
  }

  private bad(at: number, message: string): DomainError {
    return new DomainError("btf/bad-format", message, `${this.where}+0x${at.toString(16)}`);
  }

  private u32(at: number): number {
    return this.view.getUint32(at, this.little);
  }

  private nameAt(offset: number): string {
    if (offset === 0) return "";
    if (offset < this.stringBase) return this.base?.nameAt(offset) ?? "";
    const start = offset - this.stringBase;
    const end = this.strings.indexOf(0, start);
    return this.strings.toString("utf8", start, end < 0 ? this.strings.length : end);
  }

  /** The names from this one on. */
  private bytesOf(offset: number): Uint8Array {
    if (offset < this.stringBase) return this.base?.bytesOf(offset) ?? new Uint8Array();
    return this.strings.subarray(offset - this.stringBase);
  }

  private isNamed(index: number, needle: Uint8Array): boolean {
    const bytes = this.bytesOf(this.u32(this.offsets[index] ?? 0));
    return (bytes[needle.length] ?? 0) === 0 && needle.every((byte, at) => bytes[at] === byte);
  }
}
