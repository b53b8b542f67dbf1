import type { BuildId } from "../base/brands";
import { CostCache } from "../base/costCache";
import { DwarfFile, type PcLocation } from "../dwarf/dwarfFile";
import { dwarfSections } from "../dwarf/sections";
import { layoutOf, type AddressLayout } from "../elf/addressLayout";
import { openElf, type ElfFile } from "../elf/elfFile";
import { readBuildId } from "../elf/notes";
import { readSymbolTable, SymbolTable } from "../elf/symbolTable";
import { drive } from "./drive";
import type { OpenFile } from "./openFile";

const answersKept = 20_000;

/** An open vmlinux or module: its symbols and its lines. Everything is read when it is first needed. */
export class Image {
  readonly layout: AddressLayout;
  private readonly dwarf: DwarfFile | undefined;
  private symbolTable: Promise<SymbolTable> | undefined;
  private readonly answers = new CostCache<number, PcLocation | null>(answersKept);

  private constructor(
    private readonly file: OpenFile,
    readonly elf: ElfFile,
    readonly buildId: BuildId | undefined,
  ) {
    this.layout = layoutOf(elf);
    const sections = dwarfSections(elf, this.layout);
    this.dwarf = sections && new DwarfFile(sections);
  }

  static async open(file: OpenFile): Promise<Image> {
    const elf = await drive(openElf(file));
    return new Image(file, elf, await drive(readBuildId(elf)));
  }

  get name(): string {
    return this.file.name;
  }

  get hasDebugInfo(): boolean {
    return this.dwarf !== undefined;
  }

  symbols(): Promise<SymbolTable> {
    return (this.symbolTable ??= drive(readSymbolTable(this.elf, this.layout)).then((table) => table ?? SymbolTable.empty(this.layout)));
  }

  /** undefined when no line and no function covers the pc. */
  async locate(pc: number, signal?: AbortSignal): Promise<PcLocation | undefined> {
    const known = this.answers.get(pc);
    if (known !== undefined) return known ?? undefined;
    const location = this.dwarf && (await drive(this.dwarf.locate(pc), signal));
    this.answers.set(pc, location ?? null, 1);
    return location;
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
