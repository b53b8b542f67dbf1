import { ET, SHF } from "./elfConstants";
import type { ElfFile } from "./elfFile";

/**
 * Kernel addresses need 64 bits and JavaScript's fast numbers have 53. The readers therefore work with
 * a `pc`: the distance of an address from `base`, the lowest executable section. It is exact for
 * everything within 2^53 bytes of it; what is farther away (per-CPU symbols at 0) is no code.
 *
 * In a relocatable file every section starts at 0. To tell them apart each allocated section gets a
 * place of its own in one imaginary layout, as a linker would give it; pcs are addresses of that layout.
 */
export interface AddressLayout {
  readonly base: AddressBase;
  /** pc of the start of each section by its index; undefined in files whose symbols hold addresses. */
  readonly placed: readonly (number | undefined)[] | undefined;
  /** Where code can be: half-open ranges of pcs with the section's index, by start. */
  readonly code: readonly { readonly start: number; readonly end: number; readonly section: number }[];
}

/** A 64-bit address in halves. */
export interface AddressBase {
  readonly high: number;
  readonly low: number;
}

const two32 = 0x1_0000_0000;

export const toPc = (base: AddressBase, high: number, low: number): number => (high - base.high) * two32 + (low - base.low);

export function pcOfAddress(base: AddressBase, address: bigint): number {
  return toPc(base, Number(address >> 32n), Number(address & 0xffff_ffffn));
}

export function addressOfPc(base: AddressBase, pc: number): bigint {
  return BigInt.asUintN(64, (BigInt(base.high) << 32n) + BigInt(base.low) + BigInt(pc));
}

export function layoutOf(elf: ElfFile): AddressLayout {
  return elf.header.type === ET.REL ? relocatableLayout(elf) : linkedLayout(elf);
}

function linkedLayout(elf: ElfFile): AddressLayout {
  const code = elf.sections.filter(isCode);
  const lowest = code.reduce<bigint | undefined>((least, { address }) => (least === undefined || address < least ? address : least), undefined);
  const baseAddress = elf.header.wordSize === 8 ? (lowest ?? 0n) : 0n;
  const base = { high: Number(baseAddress >> 32n), low: Number(baseAddress & 0xffff_ffffn) };
  const ranges = code.map(({ address, size, index }) => {
    const start = pcOfAddress(base, address);
    return { start, end: start + size, section: index };
  });
  return { base, placed: undefined, code: ranges.sort((a, b) => a.start - b.start) };
}

/** Sections are placed page by page, with a gap, so that an offset past one section's end is in no other. */
function relocatableLayout(elf: ElfFile): AddressLayout {
  const placed: (number | undefined)[] = [];
  const code: AddressLayout["code"][number][] = [];
  let next = 0x1000_0000;
  for (const section of elf.sections) {
    if (!(section.flags & SHF.ALLOC)) continue;
    placed[section.index] = next;
    if (isCode(section)) code.push({ start: next, end: next + section.size, section: section.index });
    next += Math.ceil(section.size / 0x1000) * 0x1000 + 0x1000;
  }
  return { base: { high: 0, low: 0 }, placed, code };
}

/** Debug files keep code sections as SHT_NOBITS: their addresses count, their bytes do not. */
const isCode = ({ flags, size }: { readonly flags: number; readonly size: number }): boolean =>
  (flags & SHF.ALLOC) !== 0 && (flags & SHF.EXECINSTR) !== 0 && size > 0;
