import { DwarfFile } from "../../src/dwarf/dwarfFile";
import { dwarfSections } from "../../src/dwarf/sections";
import { layoutOf, type AddressLayout } from "../../src/elf/addressLayout";
import { openElf, type ElfFile } from "../../src/elf/elfFile";
import { readBuildId } from "../../src/elf/notes";
import { readSupplementaryLink } from "../../src/elf/supplementaryLink";
import { readSymbolTable } from "../../src/elf/symbolTable";
import { DomainError } from "../../src/base/errors";
import { memoryFile, read } from "../support/memoryFile";

/** How many of the parts gave an answer; a part that fails must do so with a DomainError that names the file. */
export function tryFile(bytes: Uint8Array, name: string, random: () => number): { readonly answered: number; readonly refused: number } {
  const counts = { answered: 0, refused: 0 };
  const attempt = (part: () => void): void => {
    try {
      part();
      counts.answered++;
    } catch (error) {
      if (!(error instanceof DomainError) || !error.where?.includes(name)) throw error;
      counts.refused++;
    }
  };
  attempt(() => {
    const elf = read(openElf(memoryFile(bytes, name)));
    const layout = layoutOf(elf);
    // Lines are where most can go wrong; the rest has its turn often enough.
    if (random() < 0.2) {
      attempt(() => read(readBuildId(elf)));
      attempt(() => read(readSupplementaryLink(elf)));
      attempt(() => trySymbols(elf, layout, random));
    }
    tryLines(elf, layout, random, attempt);
  });
  return counts;
}

function trySymbols(elf: ElfFile, layout: AddressLayout, random: () => number): void {
  const table = read(readSymbolTable(elf, layout));
  if (!table) return;
  const names = ["outer", "second", "start", "tcp_send", "helper", ""].slice(0, 1 + Math.floor(random() * 6));
  table.prepare(names, [0, 16]);
  for (const name of names) {
    for (const { pc } of table.named(name)) {
      table.following(pc, (other) => other !== "");
      table.before(pc + 3, (other) => other !== "");
    }
  }
}

const manyPcs: readonly number[] = Array.from({ length: 1000 }, (_, pc) => pc);

function tryLines(elf: ElfFile, layout: AddressLayout, random: () => number, attempt: (part: () => void) => void): void {
  const sections = dwarfSections(elf, layout);
  if (!sections) return;
  const dwarf = new DwarfFile(sections);
  // As if thousands were to come: sections are read ahead then.
  if (random() < 0.5) attempt(() => read(dwarf.announce(manyPcs, true)));
  for (const { start, end } of layout.code.slice(0, 2)) {
    for (let asked = 0; asked < 2; asked++) attempt(() => read(dwarf.locate(start + Math.floor(random() * Math.min(end - start, 0x400)))));
  }
}
