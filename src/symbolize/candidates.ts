import type { AddressLayout } from "../elf/addressLayout";
import type { ElfSymbol, SymbolTable } from "../elf/symbolTable";
import type { SymbolIndex } from "./runningIndex";
import type { ResolveStatus } from "./resolvedFrame";

/** A symbol that a frame may mean. */
export interface Candidate {
  readonly symbol: ElfSymbol;
  /** pc the frame names: the symbol's plus the offset. */
  readonly pc: number;
  /** Size as the frame would show it. */
  readonly size: number;
}

export interface NoCandidate {
  readonly status: ResolveStatus;
  readonly message: string;
}

export interface SymbolOffset {
  readonly symbol: string;
  readonly offset: number;
  /** As kallsyms knows it. */
  readonly size: number | undefined;
}

/** Prefixes and suffixes of names that kallsyms leaves out (scripts/kallsyms.c, is_ignored_symbol). */
const leftOut = /^(\$|\.L|L0|__crc_|__efistub_|__kvm_nvhe_|__AArch64ADRPThunk_|__ARMV[57]PILongThunk_|__ThumbV7PILongThunk_|__UNIQUE_ID_|__addressable_)|(_from_arm|_from_thumb|_veneer)$/;

const isKallsymsName = (name: string): boolean => name !== "" && !leftOut.test(name);

/** The symbols of that name in which the offset lies, narrowed by the size when the frame has one. */
export function findCandidates(table: SymbolIndex, layout: AddressLayout, wanted: SymbolOffset, where: string): readonly Candidate[] | NoCandidate {
  const named = distinct(table.named(wanted.symbol)).map((symbol) => ({ symbol, extent: extentOf(table, layout, symbol) }));
  if (named.length === 0) return { status: "unknown-symbol", message: `${where} has no symbol ${wanted.symbol}.` };
  const sized = wanted.size === undefined ? named : named.filter(({ symbol, extent }) => hasSize(symbol, extent, wanted.size ?? 0));
  if (sized.length === 0) {
    const sizes = [...new Set(named.map(({ extent }) => hexNumber(extent.size)))].join(", ");
    return { status: "out-of-range", message: `No ${wanted.symbol} in ${where} has the size ${hexNumber(wanted.size ?? 0)}; its size is ${sizes} there. The frame is from another build.` };
  }
  // A return address may point just past the end of a function whose last instruction is the call.
  const inside = sized.filter(({ extent }) => wanted.offset <= (wanted.size ?? extent.size));
  const largest = Math.max(...sized.map(({ extent }) => extent.size));
  if (inside.length === 0) {
    return { status: "out-of-range", message: `The offset ${hexNumber(wanted.offset)} lies outside of ${wanted.symbol}, whose size is ${hexNumber(largest)}.` };
  }
  return inside.map(({ symbol, extent }) => ({ symbol, pc: symbol.pc + wanted.offset, size: wanted.size ?? extent.size }));
}

/** The symbol a pc lies in. A return address belongs to the function of the byte before it. */
export function candidateAt(table: SymbolTable, layout: AddressLayout, pc: number, lookup: "exact" | "caller"): Candidate | undefined {
  if (!isCode(layout, pc, lookup)) return undefined;
  const inside = lookup === "caller" ? pc - 1 : pc;
  const symbol = table.before(inside, isKallsymsName);
  return symbol && { symbol, pc, size: extentOf(table, layout, symbol).size };
}

export function isCode(layout: AddressLayout, pc: number, lookup: "exact" | "caller"): boolean {
  const inside = lookup === "caller" ? pc - 1 : pc;
  return layout.code.some(({ start, end }) => inside >= start && inside < end);
}

interface Extent {
  /** Distance to the next symbol that kallsyms knows, or to the section's end. */
  readonly size: number;
  /** Distance to the next symbol of any name. */
  readonly nearest: number;
  /** Nothing follows in its section, so the running kernel may give it any larger size. */
  readonly last: boolean;
}

function extentOf(table: SymbolIndex, layout: AddressLayout, symbol: ElfSymbol): Extent {
  const sectionEnd = layout.code.find(({ section }) => section === symbol.section)?.end ?? Infinity;
  const { nearest, counted } = table.following(symbol.pc, isKallsymsName);
  const end = Math.min(counted, sectionEnd);
  const size = Number.isFinite(end) ? end - symbol.pc : symbol.size;
  return { size, nearest: Math.min(nearest, sectionEnd) - symbol.pc, last: counted >= sectionEnd };
}

function hasSize(symbol: ElfSymbol, extent: Extent, size: number): boolean {
  if (size === extent.size || size === extent.nearest || (symbol.size > 0 && size === symbol.size)) return true;
  return extent.last && size > extent.size;
}

/** Two entries at one place are one symbol. */
const distinct = (symbols: readonly ElfSymbol[]): ElfSymbol[] => [...new Map(symbols.map((symbol) => [symbol.pc, symbol])).values()];

export const hexNumber = (value: number): string => `0x${value.toString(16)}`;
