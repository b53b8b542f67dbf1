import type { BuildId } from "../base/brands";
import { CostCache } from "../base/costCache";
import { DomainError } from "../base/errors";
import { DwarfFile, type PcLocation } from "../dwarf/dwarfFile";
import { dwarfSections, type DwarfSections } from "../dwarf/sections";
import { layoutOf, type AddressLayout } from "../elf/addressLayout";
import { SHT } from "../elf/elfConstants";
import { openElf, type ElfFile } from "../elf/elfFile";
import { readBuildId } from "../elf/notes";
import { readRange } from "../elf/reading";
import { KeptSymbols } from "../elf/keptSymbols";
import { noSymbols, readSymbolTable, readTableBytes, SymbolTable } from "../elf/symbolTable";
import type { BlockFile } from "./blockStore";
import type { DebugFiles } from "./debugFile";
import { drive, driveHere } from "./drive";
import { KeptIndex } from "./keptIndex";
import type { OpenFile } from "./openFile";
import { openSupplementaryFile, type NoSupplementaryFile, type SupplementaryFile } from "./supplementaryFile";

const answersKept = 20_000;
/** Of more places at once than any stack has nobody asks again. */
const mostRemembered = 1000;
const lanesElsewhere = 8;
const unitsKeptAtOnce = 64;

/** An open vmlinux or module: its symbols and its lines. Everything is read when it is first needed. */
export class Image {
  readonly layout: AddressLayout;
  private readonly sections: DwarfSections | undefined;
  private readonly lanes: DwarfFile[] = [];
  private symbolTable: Promise<SymbolTable> | undefined;
  private readonly answers = new CostCache<number, PcLocation | null>(answersKept);
  private remembers = true;
  private readonly index: KeptIndex | undefined;
  private records: BlockFile | undefined;

  private constructor(
    private readonly file: OpenFile,
    readonly elf: ElfFile,
    readonly buildId: BuildId | undefined,
    private readonly supplementary: SupplementaryFile | NoSupplementaryFile | undefined,
  ) {
    this.layout = layoutOf(elf);
    this.sections = this.openSections();
    // Modules are read as fast as an index of them.
    this.index = this.layout.placed ? undefined : KeptIndex.of(file, buildId);
    this.records = this.index?.read();
  }

  /** @param supplementary finds the file that it shares with others; without it that of this machine, if any, is taken */
  static async open(file: OpenFile, supplementary?: DebugFiles["supplementary"]): Promise<Image> {
    const elf = await drive(openElf(file));
    return new Image(file, elf, await drive(readBuildId(elf)), await openSupplementaryFile(elf, file, supplementary));
  }

  get name(): string {
    return this.file.name;
  }

  /** Why names may be missing; undefined when all are at hand. */
  get missingNames(): string | undefined {
    return this.supplementary && "message" in this.supplementary ? this.supplementary.message : undefined;
  }

  get hasDebugInfo(): boolean {
    return this.sections !== undefined;
  }

  /** How many places may be located at once, each in a lane of its own. A reader of debug information does one thing at a time. */
  get width(): number {
    return this.file.isElsewhere && !this.layout.placed ? lanesElsewhere : 1;
  }

  symbols(): Promise<SymbolTable> {
    return (this.symbolTable ??= this.keptSymbols() ?? drive(readSymbolTable(this.elf, this.layout)).then((table) => table ?? SymbolTable.empty(this.layout)));
  }

  private keptSymbols(): Promise<SymbolTable> | undefined {
    const kept = this.records && KeptSymbols.open(this.records);
    return kept && Promise.resolve(SymbolTable.kept(kept, () => driveHere(readTableBytes(this.elf, this.layout)) ?? noSymbols(this.layout)));
  }

  /** Whether this is a linked file with its code. Debug files keep none, and the calls of modules are not linked yet. */
  get hasCode(): boolean {
    return !this.layout.placed && this.layout.code.some(({ section }) => this.elf.sections[section]?.type !== SHT.NOBITS);
  }

  /** Bytes of a linked file's code. undefined where it has none: debug files keep no code, and modules are not linked yet. */
  async code(pc: number, length: number): Promise<Uint8Array | undefined> {
    const range = this.layout.code.find(({ start, end }) => pc >= start && pc + length <= end);
    const section = range && this.elf.sections[range.section];
    if (this.layout.placed || !section || section.type === SHT.NOBITS) return undefined;
    return drive(readRange(this.elf.file, section.offset + pc - range.start, length));
  }

  /** undefined when no line and no function covers the pc. Waits for nothing when all is here. */
  locate(pc: number, signal?: AbortSignal, lane = 0): PcLocation | undefined | Promise<PcLocation | undefined> {
    const known = this.answers.get(pc);
    if (known !== undefined) return known ?? undefined;
    if (!this.isHere) return this.locateElsewhere(pc, signal, lane);
    const location = this.hasDebugInfo ? driveHere(this.lane(lane).locate(pc)) : undefined;
    this.remember(pc, location);
    return location;
  }

  private async locateElsewhere(pc: number, signal: AbortSignal | undefined, lane: number): Promise<PcLocation | undefined> {
    const location = this.hasDebugInfo ? await drive(this.lane(lane).locate(pc), signal) : undefined;
    this.remember(pc, location);
    return location;
  }

  private remember(pc: number, location: PcLocation | undefined): void {
    if (this.remembers) this.answers.set(pc, location ?? null, 1);
  }

  private get isHere(): boolean {
    return !this.file.isElsewhere && !(this.supplementary && "file" in this.supplementary && this.supplementary.file.isElsewhere);
  }

  /** Announces pcs that will be located in a lane. What cannot be read is said when they are. */
  async announce(pcs: readonly number[], lane = 0): Promise<void> {
    this.remembers = pcs.length <= mostRemembered;
    if (this.hasDebugInfo && pcs.length > 1) await drive(this.lane(lane).announce(pcs, !this.file.isElsewhere)).catch(() => undefined);
  }

  private lane(lane: number): DwarfFile {
    const known = this.lanes[lane];
    if (known) return known;
    const sections = lane === 0 ? this.sections : this.openSections();
    if (!sections) throw new DomainError("dwarf/missing-section", "it has no debug information", this.name);
    return (this.lanes[lane] = new DwarfFile(sections, this.records));
  }

  /**
   * Keeps an index of what was used, so that another process finds it at once. Costs more than a few answers: it is for when there is nothing else to do.
   *
   * @param pause is awaited between parts; false ends the work
   */
  async keep(pause: () => Promise<boolean>): Promise<void> {
    const records = (this.records ??= this.index?.write());
    if (!records) return;
    if (this.symbolTable && !KeptSymbols.open(records)) (await this.symbolTable).keep(records);
    const dwarf = this.lanes[0];
    if (!dwarf || !(await pause())) return;
    await drive(dwarf.keep(records));
    for (let unit = 0; unit < unitsKeptAtOnce && (await pause()); unit++) if (!(await drive(dwarf.keepUnit(records)))) return;
  }

  private openSections(): DwarfSections | undefined {
    return dwarfSections(this.elf, this.layout, this.supplementary && "elf" in this.supplementary ? this.supplementary.elf : undefined);
  }

  async close(): Promise<void> {
    if (this.supplementary && "file" in this.supplementary) await this.supplementary.file.close();
    this.records?.close();
    await this.file.close();
  }
}
