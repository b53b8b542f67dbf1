/**
 * Debuginfo and symbols of one host's kernel. Nothing is looked for before the first frame, so connecting
 * stays quick; what was found is kept until the host is closed. What was not found is looked for again, as somebody may have installed it since.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../base/cacheFolder";
import { symbolizeFrame } from "../collectors/traces/symbolizeFrame";
import type { HostFacts } from "../probes/hostFacts";
import { kernelSymbolsProbe, type TextSymbols } from "../probes/kernelSymbolsProbe";
import { kallsymsProbe, moduleStateProbe } from "../probes/kallsymsProbe";
import { runProbe } from "../probes/probe";
import type { StackFrame } from "../stacks/stack";
import { findByBuildId, findModule, findVmlinux, type DebuginfoSearch, type FoundDebuginfo } from "../symbolize/findDebuginfo";
import { findSupplementary } from "../symbolize/findSupplementary";
import { BlockStore } from "../symbolize/blockStore";
import { Kallsyms } from "../symbolize/kallsyms";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { SymbolNotes } from "../symbolize/symbolNotes";
import { Symbolizer } from "../symbolize/symbolizer";
import type { Target } from "../target/target";
import { debuginfodOf } from "./debuginfodOf";
import { debuginfoLines } from "./debuginfoLines";
import type { DebuginfoState, DebuginfoUse, HostOptions, KernelSource } from "./host";

/** Milliseconds after which debuginfo that was nowhere is looked for again, when somebody asks: servers and slow links are not asked with each frame. */
const lookAgainAfter = 20_000;

/** Any line tells where the tree was. */
const anyLine: StackFrame = { symbol: "start_kernel", offset: 0, kind: "exact", reliable: true };

export class KernelSymbols {
  private found: Promise<FoundDebuginfo> | undefined;
  private missingSince: number | undefined;
  private symbolizer: Symbolizer | undefined;
  private kallsymsText: Promise<Uint8Array | undefined> | undefined;
  private readonly searches = new Map<string, FoundDebuginfo>();
  private notes: SymbolNotes | undefined;
  private parsed: { readonly text: Uint8Array; readonly table: Kallsyms } | undefined;
  /** Which modules were loaded when kallsyms was read. */
  private moduleState: string | undefined;
  private checking: Promise<void> | undefined;
  private readonly retired: Symbolizer[] = [];
  /** Ends downloads. */
  private readonly downloads = new AbortController();
  private readonly sources: Pick<DebuginfoSearch, "debuginfod" | "blocks">;

  constructor(
    private readonly target: Target,
    private readonly facts: HostFacts,
    private readonly options: HostOptions,
    private readonly lookAgain = lookAgainAfter,
  ) {
    const debuginfod = debuginfodOf(options, this.downloads.signal);
    this.sources = { blocks: new BlockStore(join(cacheFolder(), "blocks")), ...(debuginfod && { debuginfod }) };
  }

  async resolve(frames: readonly StackFrame[], signal?: AbortSignal): Promise<readonly ResolvedFrame[]> {
    return (await this.open()).resolve(frames, signal ? { signal } : {});
  }

  async state(): Promise<DebuginfoState> {
    const found = await this.vmlinux();
    const { buildId } = this.facts;
    const id = buildId === undefined ? {} : { buildId };
    if (found.state !== "found") return { state: found.state, message: found.message, ...id, ...(found.remedy && { remedy: found.remedy }) };
    return { state: "exact", origin: found.origin, message: `Exact: ${found.origin} is of the running build.`, ...id };
  }

  /** A file of the tree from a debuginfod server, of exactly the running build; undefined where no server has it. */
  async source(file: string): Promise<KernelSource | undefined> {
    const [{ debuginfod }, { buildId }] = [this.sources, this.facts];
    if (!debuginfod || buildId === undefined) return undefined;
    const symbolizer = await this.open();
    if ((await symbolizer.sourceRoot()) === undefined) await symbolizer.resolve([anyLine]);
    const root = await symbolizer.sourceRoot();
    const path = root === undefined ? undefined : await debuginfod.file(buildId, { kind: "source", path: root + file });
    return path === undefined ? undefined : { file, text: await readFile(path, "utf8"), origin: path, match: "release" };
  }

  /** What the debug information says of the place of the build: the tree where that is absolute, else the folder that the compiler ran in. */
  async buildFolder(signal?: AbortSignal): Promise<string | undefined> {
    const symbolizer = await this.open();
    if ((await symbolizer.compilationFolder()) === undefined) await symbolizer.resolve([anyLine], { signal });
    return (await symbolizer.sourceRoot()) ?? symbolizer.compilationFolder();
  }

  /** What was looked for since the host was opened. */
  async uses(): Promise<readonly DebuginfoUse[]> {
    await this.vmlinux();
    return [...this.searches].map(([what, found]) => ({ what, attempts: found.attempts, ...(found.state === "found" && found.cost && { cost: found.cost }) }));
  }

  /**
   * Corrects what a tracer names wrongly: it read kallsyms when it started, so code of modules that were loaded
   * later appears under some other name. Frames without an address stay as they are.
   */
  async symbolize(): Promise<(frame: StackFrame) => StackFrame> {
    const table = await this.table();
    return (frame) => (table ? symbolizeFrame(frame, table) : frame);
  }

  /** The same for a stack that was just recorded. Beyond the kernel's own code our table may be old as well: it is read again when modules came or went. */
  async symbolizeStack(stack: readonly StackFrame[]): Promise<readonly StackFrame[]> {
    const table = await this.table();
    const end = table?.addressesOf("_etext")[0];
    const isOutside = ({ address }: StackFrame): boolean => address !== undefined && (end === undefined || address >= end);
    if (table && stack.some(isOutside)) await (this.checking ??= this.followModules().finally(() => (this.checking = undefined)));
    return stack.map(await this.symbolize());
  }

  async dispose(): Promise<void> {
    this.downloads.abort(new Error("the host was closed"));
    for (const symbolizer of [...this.retired, this.symbolizer]) await symbolizer?.dispose();
  }

  private vmlinux(): Promise<FoundDebuginfo> {
    if (this.missingSince !== undefined && performance.now() - this.missingSince >= this.lookAgain) this.found = undefined;
    this.found ??= this.lookForVmlinux();
    // A failure to look (a lost link) is not an answer to keep.
    this.found.catch(() => (this.found = undefined));
    return this.found;
  }

  private async lookForVmlinux(): Promise<FoundDebuginfo> {
    const before = this.searches.get("the kernel");
    this.missingSince = undefined;
    const found = this.noted("the kernel", await findVmlinux(this.search()));
    if (found.state !== "found") this.missingSince = performance.now();
    if (before && before.state !== found.state) this.retire();
    return found;
  }

  /** Answers may still be under way in the symbolizer of before, so it is closed with the host. */
  private retire(): void {
    if (this.symbolizer) this.retired.push(this.symbolizer);
    this.symbolizer = undefined;
  }

  private async open(): Promise<Symbolizer> {
    const found = await this.vmlinux();
    return (this.symbolizer ??= new Symbolizer({
      vmlinux: found.state === "found" ? found.debugFile : found,
      modules: async (name) => {
        const module = this.noted(`module ${name}`, await findModule({ ...this.search(), name }));
        return module.state === "found" ? module.debugFile : module;
      },
      byBuildId: async (buildId, module) => {
        const named = this.noted(`build ${buildId}, which the trace names`, await findByBuildId(this.search(), buildId, module));
        return named.state === "found" ? named.debugFile : named;
      },
      supplementary: async (link, of) => {
        const shared = this.noted(`the supplementary file ${link.path} of ${of}`, await findSupplementary(this.search(), link, of));
        return shared.state === "found" ? shared.debugFile : shared;
      },
      kallsyms: () => this.kallsyms(),
      symbols: (names) => this.symbols(names),
    }));
  }

  private symbols(names: readonly string[]): Promise<TextSymbols | undefined> {
    const ask = (unknown: readonly string[]): Promise<TextSymbols | undefined> => runProbe(this.target, kernelSymbolsProbe(unknown)).catch(() => undefined);
    const { buildId } = this.facts;
    this.notes ??= buildId === undefined ? undefined : new SymbolNotes(join(cacheFolder(), "symbols"), buildId);
    return this.notes ? this.notes.find(names, ask) : ask(names);
  }

  private kallsyms(): Promise<Uint8Array | undefined> {
    this.kallsymsText ??= this.readKallsyms().catch(() => {
      // Not readable without root: addresses then stay as the trace named them, and the symbolizer says why.
      this.kallsymsText = undefined;
      return undefined;
    });
    return this.kallsymsText;
  }

  /** What is loaded is asked first: a module that comes meanwhile is read too often rather than never. */
  private async readKallsyms(): Promise<Uint8Array> {
    this.moduleState = await runProbe(this.target, moduleStateProbe);
    return runProbe(this.target, kallsymsProbe);
  }

  private async table(): Promise<Kallsyms | undefined> {
    const text = await this.kallsyms();
    if (text && this.parsed?.text !== text) this.parsed = { text, table: Kallsyms.parse(text) };
    return text && this.parsed?.table;
  }

  /** A host that does not tell is taken at its last word. */
  private async followModules(): Promise<void> {
    const now = await runProbe(this.target, moduleStateProbe).catch(() => this.moduleState);
    if (now === this.moduleState) return;
    this.retire();
    this.kallsymsText = undefined;
    await this.kallsyms();
  }

  private noted(what: string, found: FoundDebuginfo): FoundDebuginfo {
    const before = this.searches.get(what);
    this.searches.set(what, found);
    // The same failure once more is no news.
    if (before && before.state === found.state && found.state !== "found") return found;
    for (const line of debuginfoLines({ what, attempts: found.attempts })) this.options.log?.(`${this.target.name}: ${line}`);
    return found;
  }

  private search(): DebuginfoSearch {
    const { vmlinux, modules } = this.options;
    const options = { ...(vmlinux === undefined ? {} : { vmlinux }), ...(modules === undefined ? {} : { modules }) };
    return { target: this.target, facts: this.facts, options, ...this.sources };
  }
}
