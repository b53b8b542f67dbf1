import type { Vaddr } from "../base/brands";
import { pcOfAddress } from "../elf/addressLayout";
import { SymbolTable } from "../elf/symbolTable";
import type { StackFrame } from "../stacks/stack";
import { candidateAt, findCandidates, isCode, type Candidate } from "./candidates";
import { Image } from "./image";
import type { ImageStore } from "./imageStore";
import { baseName } from "./sourceFrames";
import type { KallsymsStore } from "./kallsymsStore";
import { noReturnCall } from "./noReturnCall";
import type { SymbolIndex } from "./runningIndex";
import type { ResolveStatus } from "./resolvedFrame";

/** What has to be looked up for a frame, or why nothing can be. */
export type FramePlan = LookupPlan | FailedPlan;

export interface LookupPlan {
  readonly image: Image;
  readonly module: string | undefined;
  readonly candidates: readonly Candidate[];
  readonly lookup: "exact" | "caller";
  readonly message?: string | undefined;
}

export interface FailedPlan {
  readonly status: ResolveStatus;
  readonly message: string;
  /** What is known of an address all the same, from the running kernel's symbols. */
  readonly known?: Partial<Pick<StackFrame, "symbol" | "offset" | "size" | "module">>;
}

/** A return address counts as its call, the byte before, which is in the same symbol unless the offset is 0. */
export const lookupOf = (frame: StackFrame): "exact" | "caller" =>
  frame.kind === "return" && (frame.symbol === undefined || (frame.offset ?? 0) > 0) ? "caller" : "exact";

/** What addresses of the kernel itself are looked up in, when all of it is here. */
interface KernelHere {
  readonly image: Image;
  readonly symbols: SymbolTable;
  readonly slide: bigint;
  readonly message: string | undefined;
}

/** Finds the symbols that a frame stands for. No line is read yet. */
export class FramePlanner {
  private kernel: KernelHere | undefined;

  constructor(
    private readonly images: ImageStore,
    private readonly kallsyms: KallsymsStore,
  ) {}

  /** Finds what the frames of one request name in one pass, or by one question where each would cost a round trip. Failures are those of the frames, when they are planned. */
  async prepare(frames: readonly StackFrame[]): Promise<void> {
    this.kernel = undefined;
    const own = frames.filter(({ module, buildId, kind }) => module === undefined && buildId === undefined && kind !== "inlined");
    if (own.length === 0) return;
    const names = own.flatMap(({ symbol }) => symbol ?? []);
    if (names.length > 0) this.kallsyms.prefetch(names);
    const image = await this.images.image(undefined);
    if (!(image instanceof Image)) return;
    const index = await this.kallsyms.indexOf(image, names);
    if (!(index instanceof SymbolTable) || own.length < 2) return;
    const addresses = own.flatMap(({ symbol, address }) => (symbol === undefined && address !== undefined ? [address] : []));
    const slide = addresses.length > 0 ? await this.kallsyms.slide(image) : undefined;
    index.prepare(names, addresses.map((address) => pcOfAddress(image.layout.base, BigInt.asUintN(64, address - (slide ?? 0n)))));
    if (addresses.length === 0 || this.kallsyms.hasIndex) return;
    this.kernel = { image, symbols: index, slide: slide ?? 0n, message: slide === undefined ? await this.unslidNote() : undefined };
  }

  /** The plan for an address of the kernel itself after `prepare`, without waiting for anything: there may be thousands. undefined: `plan` finds out. */
  planHere({ symbol, address, kind, reliable }: StackFrame): LookupPlan | undefined {
    const { kernel } = this;
    if (!kernel || symbol !== undefined || address === undefined) return undefined;
    const { image, symbols, slide, message } = kernel;
    const lookup = lookupOf({ kind, reliable });
    const candidate = candidateAt(symbols, image.layout, pcOfAddress(image.layout.base, BigInt.asUintN(64, address - slide)), lookup);
    return candidate && { image, module: undefined, candidates: [candidate], lookup, message };
  }

  async plan(frame: StackFrame): Promise<FramePlan> {
    if (frame.symbol !== undefined) return this.planSymbol({ ...frame, symbol: frame.symbol });
    if (frame.address !== undefined) return this.planAddress(frame, frame.address);
    return { status: "unknown-symbol", message: "The frame has neither a symbol nor an address." };
  }

  private async planSymbol(frame: StackFrame & { readonly symbol: string }): Promise<FramePlan> {
    const image = await this.checkedImage(frame);
    if (!(image instanceof Image)) return image;
    const wanted = { symbol: frame.symbol, offset: frame.offset ?? 0, size: frame.size };
    const index = frame.module === undefined ? await this.kallsyms.indexOf(image, [frame.symbol]) : await image.symbols();
    const found = findCandidates(index, image.layout, wanted, image.name);
    if (!isCandidates(found)) return (found.status === "unknown-symbol" ? planClone(image, index, frame) : undefined) ?? found;
    const candidates = found.length > 1 && frame.address !== undefined && image === (await this.images.image(frame.module)) ? await this.narrow(image, found, frame, frame.address) : found;
    const plan = { image, module: frame.module, candidates, lookup: lookupOf(frame) };
    return (await noReturnCall(frame, plan)) ?? plan;
  }

  /** The image of what runs; when the trace names another build, that of the trace, or none. */
  private async checkedImage(frame: StackFrame): Promise<Image | FailedPlan> {
    const image = await this.images.image(frame.module);
    if (frame.buildId === undefined || (image instanceof Image && image.buildId === frame.buildId)) return image;
    const named = await this.images.byBuildId(frame.buildId, frame.module);
    if (named instanceof Image || !(image instanceof Image)) return named;
    return { status: "build-id-mismatch", message: `The trace is of build ${frame.buildId}, and ${image.name} of ${image.buildId ?? "none that it tells"}. ${named.message}` };
  }

  /** Several symbols of one name: the run-time address tells which, by the slide or, without kallsyms, by its place in the page. */
  private async narrow(image: Image, candidates: readonly Candidate[], frame: StackFrame, address: Vaddr): Promise<readonly Candidate[]> {
    if (frame.module !== undefined) return this.kallsyms.narrowInModule(image, frame.module, candidates, address);
    const slide = await this.kallsyms.slide(image);
    const pc = pcOfAddress(image.layout.base, BigInt.asUintN(64, address - (slide ?? 0n)));
    // The kernel moves by whole pages, so the place in the page stays.
    const fits = ({ pc: own }: Candidate): boolean => (slide === undefined ? (own - pc) % pageSize === 0 : own === pc);
    const narrowed = candidates.filter(fits);
    return narrowed.length > 0 ? narrowed : candidates;
  }

  private async planAddress(frame: StackFrame, address: Vaddr): Promise<FramePlan> {
    const lookup = lookupOf(frame);
    const image = await this.images.image(undefined);
    const slide = image instanceof Image ? await this.kallsyms.slide(image) : undefined;
    if (image instanceof Image) {
      const own = (await this.kallsyms.candidateAt(image, address, lookup)) ?? (await candidateOf(image, BigInt.asUintN(64, address - (slide ?? 0n)), lookup));
      if (own) return { image, module: undefined, candidates: [own], lookup, message: slide === undefined ? await this.unslidNote() : undefined };
    }
    const named = await this.kallsyms.lookup(address, lookup);
    // An address of the kernel itself would have been in its file's code.
    if (named && (named.module !== undefined || !(image instanceof Image))) {
      const { symbol, offset, size, module } = named;
      const known = { symbol, offset, ...(size !== undefined && { size }), ...(module !== undefined && { module }) };
      const plan = await this.planSymbol({ ...frame, ...known });
      return "image" in plan ? plan : { ...plan, known };
    }
    if (!(image instanceof Image)) return image;
    const reason = await this.kallsyms.reason();
    const unmoved = slide !== undefined && slide !== 0n && isCode(image.layout, pcOfAddress(image.layout.base, address), lookup);
    const hint = unmoved ? ` Without KASLR it would be in the kernel's code, but the running kernel was moved by 0x${slide.toString(16)}.` : "";
    return { status: "unknown-address", message: `The address lies in no code of ${image.name}${reason ? `; ${reason}` : " and of no symbol of the running kernel"}.${hint}` };
  }

  private async unslidNote(): Promise<string | undefined> {
    const reason = await this.kallsyms.reason();
    return reason && `Taken as an address without KASLR, as it lies in the file's code; ${reason}.`;
  }
}

const pageSize = 0x1000;

const isCandidates = (found: ReturnType<typeof findCandidates>): found is readonly Candidate[] => Array.isArray(found);

/** The file has no such clone, or only clones of the name: LTO adds .llvm.N, which kallsyms leaves out, and a rebuild numbers anew. */
function planClone(image: Image, index: SymbolIndex, frame: StackFrame & { readonly symbol: string }): LookupPlan | undefined {
  const base = baseName(frame.symbol);
  for (const name of new Set([base, ...index.clonesOf(base)])) {
    const found = findCandidates(index, image.layout, { symbol: name, offset: frame.offset ?? 0, size: frame.size }, image.name);
    if (name === frame.symbol || !isCandidates(found)) continue;
    const certain = frame.size === undefined ? "Their code may differ." : "Its size is the same.";
    return { image, module: frame.module, candidates: found, lookup: lookupOf(frame), message: `${image.name} has no ${frame.symbol}; this is its ${name}. ${certain}` };
  }
  return undefined;
}

async function candidateOf(image: Image, address: bigint, lookup: "exact" | "caller"): Promise<Candidate | undefined> {
  const pc = pcOfAddress(image.layout.base, address);
  return isCode(image.layout, pc, lookup) ? candidateAt(await image.symbols(), image.layout, pc, lookup) : undefined;
}
