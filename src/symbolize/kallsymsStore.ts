import { vaddr, type Vaddr } from "../base/brands";
import { describeError } from "../base/errors";
import { addressOfPc, pcOfAddress } from "../elf/addressLayout";
import type { Candidate } from "./candidates";
import { isMissing, type DebugFiles } from "./debugFile";
import type { Image } from "./image";
import { Kallsyms, type KernelSymbol } from "./kallsyms";
import type { SymbolTable } from "../elf/symbolTable";
import type { TextSymbols } from "../probes/kernelSymbolsProbe";
import { labelAt, RunningIndex, startsText, type SymbolIndex } from "./runningIndex";

const anchorsTried = 200;

function anchorIn(table: SymbolTable, section: number, running: (name: string) => readonly Vaddr[]): { readonly pc: number; readonly address: Vaddr } | undefined {
  let tried = 0;
  for (let index = 0; index < table.length && tried < anchorsTried; index++) {
    const { name, pc, section: own } = table.symbol(index);
    if (own !== section || name === "" || table.named(name).length !== 1) continue;
    tried++;
    const [address, ...others] = running(name);
    if (address !== undefined && others.length === 0) return { pc, address };
  }
  return undefined;
}

/**
 * The symbols of the running kernel, as far as they are needed: a few by name, in place of the symbol table of a vmlinux that
 * is elsewhere (it is nine tenths of what a first frame would read), or the whole /proc/kallsyms, when an address has to be understood.
 */
export class KallsymsStore {
  private loaded: Promise<Kallsyms | string> | undefined;
  private index: RunningIndex | undefined;
  private readonly slides = new Map<Image, Promise<bigint | undefined>>();
  private asking = true;
  /** Several stacks may be resolved at once, each with names of its own. */
  private readonly underWay = new Set<{ readonly names: ReadonlySet<string>; readonly answer: Promise<TextSymbols | undefined> }>();

  constructor(private readonly files: DebugFiles) {}

  /** Begins to ask for names, before anything is known of the file: both take round trips. Followed by `indexOf` of the same names. */
  prefetch(names: readonly string[]): void {
    const { vmlinux } = this.files;
    if (!this.asking || this.index || !this.files.symbols || !vmlinux || isMissing(vmlinux) || typeof vmlinux.file === "string") return;
    const own = new Set(names);
    const answer = this.files.symbols([...own]);
    answer.catch(() => undefined);
    this.underWay.add({ names: own, answer });
  }

  /** Where the symbols of these names are looked for: they are asked of the host when the file is not here, all at once. */
  async indexOf(image: Image, names: readonly string[]): Promise<SymbolIndex> {
    // A trace may name a file of another kernel than the one that runs.
    if (!this.isElsewhere(image)) return image.symbols();
    if (this.asking) await this.ask(image, names);
    const { index } = this;
    return index && names.every((name) => index.has(name)) ? index : image.symbols();
  }

  /** How far the running kernel was moved from the addresses in its vmlinux (KASLR); undefined when that cannot be known. */
  slide(image: Image): Promise<bigint | undefined> {
    const known = this.slides.get(image);
    if (known) return known;
    const slide = this.findSlide(image);
    this.slides.set(image, slide);
    slide.catch(() => this.slides.delete(image));
    return slide;
  }

  /** Whether the symbol of an address may be known without the file's own symbol table. */
  get hasIndex(): boolean {
    return this.index !== undefined;
  }

  private async findSlide(image: Image): Promise<bigint | undefined> {
    if (this.asking && this.isElsewhere(image)) await this.ask(image, []);
    const kallsyms = await this.load();
    if (typeof kallsyms === "string") return undefined;
    const [start] = kallsyms.addressesOf("_stext");
    if (this.index && start !== undefined) return start - this.index.textAddress;
    const symbols = await image.symbols();
    for (const name of ["_stext", "_text", "start_kernel"]) {
      const [linked] = symbols.named(name);
      const [running] = kallsyms.addressesOf(name);
      if (linked && running !== undefined) return running - addressOfPc(image.layout.base, linked.pc);
    }
    return undefined;
  }

  /** The symbol of a run-time address in the kernel itself, without the symbol table of its file; undefined when that is needed. */
  async candidateAt(image: Image, address: Vaddr, lookup: "exact" | "caller"): Promise<Candidate | undefined> {
    const slide = this.index && (await this.slide(image));
    const found = slide === undefined ? undefined : await this.lookup(address, lookup);
    if (slide === undefined || !found || found.module !== undefined) return undefined;
    const pc = pcOfAddress(image.layout.base, BigInt.asUintN(64, address - slide));
    const symbol = labelAt(image.layout, found.symbol, pc - found.offset);
    return symbol.section === 0 ? undefined : { symbol, pc, size: found.size ?? 0 };
  }

  /**
   * Those of a module's functions of one name that lie at this run-time address. Where the loader put the section follows from
   * another symbol of it, one that both the file and kallsyms have once.
   */
  async narrowInModule(image: Image, module: string, candidates: readonly Candidate[], address: Vaddr): Promise<readonly Candidate[]> {
    const kallsyms = await this.load();
    if (typeof kallsyms === "string") return candidates;
    const table = await image.symbols();
    const fitting = candidates.filter(({ symbol, pc }) => {
      const anchor = anchorIn(table, symbol.section, (name) => kallsyms.addressesOf(name, module.replaceAll("-", "_")));
      return anchor && anchor.address + BigInt(pc - anchor.pc) === address;
    });
    return fitting.length > 0 ? fitting : candidates;
  }

  /** The symbol of an address; that of the byte before a return address, with the offset of the address itself. */
  async lookup(address: Vaddr, lookup: "exact" | "caller"): Promise<KernelSymbol | undefined> {
    const kallsyms = await this.load();
    if (typeof kallsyms === "string") return undefined;
    const back = lookup === "caller" ? 1 : 0;
    const found = kallsyms.lookup(vaddr(address - BigInt(back)));
    return found && { ...found, offset: found.offset + back };
  }

  /** Why the running kernel's addresses are not known; undefined when they are. */
  async reason(): Promise<string | undefined> {
    const kallsyms = await this.load();
    return typeof kallsyms === "string" ? kallsyms : undefined;
  }

  private isElsewhere(image: Image): boolean {
    const { vmlinux } = this.files;
    return this.files.symbols !== undefined && vmlinux !== undefined && !isMissing(vmlinux) && typeof vmlinux.file !== "string" && image.name === vmlinux.file.name && (vmlinux.buildId === undefined || image.buildId === vmlinux.buildId);
  }

  private async ask(image: Image, names: readonly string[]): Promise<void> {
    const unknown = [...new Set(names)].filter((name) => !this.index?.has(name));
    if (unknown.length === 0 && this.index) return;
    const asked = [...this.underWay].find((question) => unknown.every((name) => question.names.has(name)));
    if (asked) this.underWay.delete(asked);
    const found = await (asked?.answer ?? this.files.symbols?.(unknown));
    const text = image.elf.section(".text");
    if (!found || !text || !startsText(text, found.span)) {
      // The symbol table of the file it is, for all of this session.
      this.asking = false;
      return;
    }
    this.index ??= new RunningIndex(image.layout, text.address);
    for (const name of unknown) this.index.add(name, found.symbols);
  }

  private load(): Promise<Kallsyms | string> {
    return (this.loaded ??= this.read());
  }

  private async read(): Promise<Kallsyms | string> {
    try {
      const text = await this.files.kallsyms?.();
      if (!text) return "the running kernel's symbols (/proc/kallsyms) are not at hand";
      const kallsyms = Kallsyms.parse(text);
      if (kallsyms.length === 0) return "/proc/kallsyms is empty";
      return kallsyms.hidden ? "the running kernel hides its addresses (/proc/kallsyms shows zeros: kernel.kptr_restrict, or not root)" : kallsyms;
    } catch (error) {
      return `/proc/kallsyms cannot be read (${describeError(error)})`;
    }
  }
}
