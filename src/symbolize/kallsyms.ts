import { vaddr, type Vaddr } from "../base/brands";

export interface KernelSymbol {
  readonly symbol: string;
  /** Bytes from the symbol's start. */
  readonly offset: number;
  /** Distance to the next symbol; undefined for the last one. */
  readonly size: number | undefined;
  readonly module: string | undefined;
  /** false: data. Where an address in code belongs to it, the table does not have that code. */
  readonly isCode: boolean;
}

/**
 * The running kernel's symbols, from the text of /proc/kallsyms: `address type name[\t[module]]`.
 * A kernel has 200 000 of them, so they stay text and columns of numbers; no objects are made.
 */
export class Kallsyms {
  /** Positions in the text of each line, in order of address. */
  private readonly lines: Uint32Array;
  private readonly addresses: BigUint64Array;
  /** true: every address is 0, as for a reader without CAP_SYSLOG under kernel.kptr_restrict. */
  readonly hidden: boolean;

  private constructor(
    private readonly text: Buffer,
    lines: Uint32Array,
    addresses: BigUint64Array,
  ) {
    this.hidden = addresses.length > 0 && addresses.every((address) => address === 0n);
    const order = Uint32Array.from(lines.keys());
    if (!isSorted(addresses)) order.sort((a, b) => compare(addresses[a], addresses[b]));
    this.lines = order.map((index) => lines[index] ?? 0);
    this.addresses = BigUint64Array.from(order, (index) => addresses[index] ?? 0n);
  }

  /** Lines that are not of the format are passed over. */
  static parse(text: Uint8Array): Kallsyms {
    const buffer = Buffer.from(text.buffer, text.byteOffset, text.length);
    const lines: number[] = [];
    const addresses: bigint[] = [];
    for (let start = 0; start < buffer.length; ) {
      const end = buffer.indexOf(10, start);
      const stop = end < 0 ? buffer.length : end;
      const address = parseAddress(buffer, start, stop);
      if (address !== undefined) {
        lines.push(start);
        addresses.push(address);
      }
      start = stop + 1;
    }
    return new Kallsyms(buffer, Uint32Array.from(lines), BigUint64Array.from(addresses));
  }

  get length(): number {
    return this.lines.length;
  }

  /** The symbol an address belongs to: the greatest one not above it. Percpu symbols near 0 are no code and never match. */
  lookup(address: Vaddr): KernelSymbol | undefined {
    if (this.hidden) return undefined;
    const next = this.firstAbove(address);
    const start = this.addresses[next - 1];
    if (start === undefined || start < lowestKernelAddress || address - start > BigInt(farthest)) return undefined;
    const { symbol, module, type } = this.firstAt(next - 1);
    const above = this.addresses[next];
    return { symbol, module, isCode: /[tw]/i.test(type), offset: Number(address - start), size: above === undefined ? undefined : Number(above - start) };
  }

  /** Addresses of all symbols of a name. */
  addressesOf(name: string, module?: string): Vaddr[] {
    if (this.hidden) return [];
    const found: Vaddr[] = [];
    const needle = Buffer.from(` ${name}`);
    for (let at = this.text.indexOf(needle); at >= 0; at = this.text.indexOf(needle, at + 1)) {
      const start = this.text.lastIndexOf(10, at) + 1;
      const line = this.lineAt(start);
      const address = parseAddress(this.text, start, at + 1);
      if (address !== undefined && line.symbol === name && line.module === module) found.push(vaddr(address));
    }
    return found;
  }

  /** Of several names at one address the first, as the kernel itself does (kernel/kallsyms.c, get_symbol_pos). */
  private firstAt(index: number): SymbolLine {
    let first = index;
    while (first > 0 && this.addresses[first - 1] === this.addresses[index]) first--;
    return this.lineAt(this.lines[first] ?? 0);
  }

  private lineAt(start: number): SymbolLine {
    const end = this.text.indexOf(10, start);
    const text = this.text.toString("latin1", start, end < 0 ? this.text.length : end);
    const [, type = "", symbol = "", module] = /^\S+ (\S) (\S+)(?:\s+\[(\S+)\])?/.exec(text) ?? [];
    return { type, symbol, module };
  }

  private firstAbove(address: bigint): number {
    let [low, high] = [0, this.addresses.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.addresses[middle] ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface SymbolLine {
  /** As nm(1) writes it. */
  readonly type: string;
  readonly symbol: string;
  readonly module: string | undefined;
}

/** No kernel maps code in the first megabyte; percpu offsets and absolute symbols are there. */
const lowestKernelAddress = 0x10_0000n;
/** No function is larger; an address farther from its symbol is in a hole between modules. */
const farthest = 0x100_0000;

function parseAddress(text: Uint8Array, start: number, end: number): bigint | undefined {
  let [high, low, at] = [0, 0, start];
  for (; at < end; at++) {
    const digit = hexDigit(text[at] ?? 0);
    if (digit < 0) break;
    high = ((high << 4) | (low >>> 28)) >>> 0;
    low = ((low << 4) | digit) >>> 0;
  }
  const digits = at - start;
  if (digits === 0 || digits > 16 || text[at] !== 0x20) return undefined;
  return (BigInt(high) << 32n) | BigInt(low);
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

const isSorted = (values: BigUint64Array): boolean => values.every((value, index) => index === 0 || (values[index - 1] ?? 0n) <= value);

const compare = (a = 0n, b = 0n): number => (a < b ? -1 : a > b ? 1 : 0);
