import { pcOfAddress, type AddressLayout } from "../elf/addressLayout";
import { STB, STT } from "../elf/elfConstants";
import type { ElfSymbol, Following } from "../elf/symbolTable";
import { stemOf, type TextSymbol } from "../probes/kernelSymbolsProbe";

/** Of a symbol table, what finding a frame's candidates needs. */
export interface SymbolIndex {
  named(name: string): readonly ElfSymbol[];
  /** Names that begin with this one and a dot. */
  clonesOf(name: string): readonly string[];
  following(pc: number, counts: (name: string) => boolean): Following;
}

/** The asked symbols of the running kernel, at the places that its vmlinux gives them: a symbol table that nobody had to fetch. */
export class RunningIndex implements SymbolIndex {
  private readonly symbols = new Map<string, ElfSymbol[]>();
  private readonly next = new Map<number, number>();
  private readonly start: number;

  /** @param textAddress of section .text */
  constructor(
    private readonly layout: AddressLayout,
    readonly textAddress: bigint,
  ) {
    this.start = pcOfAddress(layout.base, textAddress);
  }

  /** A name that was asked for: its symbols and its clones'. Without any it is known to be none of this kernel's. */
  add(name: string, found: readonly TextSymbol[]): void {
    const related = found.filter((symbol) => stemOf(symbol.name) === stemOf(name));
    for (const own of new Set([name, ...related.map((symbol) => symbol.name)])) this.symbols.set(own, related.filter((symbol) => symbol.name === own).map((symbol) => this.placed(symbol)));
  }

  private placed({ name, offset, next }: TextSymbol): ElfSymbol {
    const pc = this.start + offset;
    if (next !== undefined) this.next.set(pc, this.start + next);
    return labelAt(this.layout, name, pc);
  }

  has(name: string): boolean {
    return this.symbols.has(name);
  }

  named(name: string): readonly ElfSymbol[] {
    return this.symbols.get(name) ?? [];
  }

  clonesOf(name: string): readonly string[] {
    return [...this.symbols.keys()].filter((other) => other.startsWith(`${name}.`));
  }

  following(pc: number): Following {
    const next = this.next.get(pc) ?? Infinity;
    return { nearest: next, counted: next };
  }
}

/** A symbol of which kallsyms tells no more than name and place. */
export function labelAt(layout: AddressLayout, name: string, pc: number): ElfSymbol {
  const section = layout.code.find(({ start, end }) => pc >= start && pc < end)?.section ?? 0;
  return { name, pc, size: 0, type: STT.NOTYPE, binding: STB.GLOBAL, section };
}

/**
 * Whether `_stext` is the first byte of section .text, as on x86, arm64, riscv and s390. Where it is not (powerpc), or the
 * section is of another build, the distance to `_etext` is not the section's size.
 */
export const startsText = (text: { readonly size: number } | undefined, span: number): boolean => text !== undefined && Math.abs(text.size - span) < page;

const page = 0x1000;
