import { vaddr, type Vaddr } from "../base/brands";
import { describeError } from "../base/errors";
import type { PcLocation } from "../dwarf/dwarfFile";
import { addressOfPc } from "../elf/addressLayout";
import { formatFrame } from "../stacks/parseFrame";
import type { StackFrame } from "../stacks/stack";
import type { Candidate } from "./candidates";
import type { DebugFiles } from "./debugFile";
import { FramePlanner, lookupOf, type FramePlan, type LookupPlan } from "./framePlan";
import { ImageStore } from "./imageStore";
import { KallsymsStore } from "./kallsymsStore";
import type { ResolvedFrame, ResolvedMatch } from "./resolvedFrame";
import { treeRoot } from "./kernelPath";
import { isAmbiguous, narrowByCalls } from "./narrowByCalls";
import { narrowByUnits } from "./narrowByUnits";
import { sourceAnswer, type SourceAnswer } from "./sourceFrames";

/** Milliseconds of work after which other messages of the thread get their turn. */
const longestTurn = 10;

export type Located = { readonly location: PcLocation | undefined } | { readonly failure: string };

/**
 * Frames → functions and lines, in three steps: find the symbols that each frame stands for, look all
 * their places up in order of address (so that each unit of debug information is read once), compose the answers.
 */
export class Resolver {
  private readonly images: ImageStore;
  private readonly planner: FramePlanner;
  private root: string | undefined;
  private compiledIn: string | undefined;
  private working = 0;

  constructor(files: DebugFiles) {
    this.images = new ImageStore(files);
    this.planner = new FramePlanner(this.images, new KallsymsStore(files));
  }

  async resolve(frames: readonly StackFrame[], signal?: AbortSignal): Promise<ResolvedFrame[]> {
    this.working++;
    try {
      return await this.resolveAll(frames, signal);
    } finally {
      this.working--;
    }
  }

  /** Keeps indexes of the files for other processes, until there is a request. What cannot be kept is not. */
  async keep(): Promise<void> {
    await this.images.keep(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return this.working === 0;
    }).catch(() => undefined);
  }

  private async resolveAll(frames: readonly StackFrame[], signal: AbortSignal | undefined): Promise<ResolvedFrame[]> {
    const turn = new Turn(signal);
    this.images.lookAgain();
    await this.planner.prepare(frames).catch(() => undefined);
    const planned: PlannedFrame[] = [];
    for (const frame of frames) {
      planned.push({ frame, plan: frame.kind === "inlined" ? noLookup : (this.planner.planHere(frame) ?? (await this.plan(frame))) });
      if (turn.isOver) await turn.next();
    }
    const narrowed = planned.some(({ plan }) => isAmbiguous(plan)) ? await narrowByCalls(planned) : planned;
    const located = await locateAll(narrowed, turn, signal);
    this.root ??= rootOf(located.values());
    this.compiledIn ??= compilationFolderOf(located.values());
    return narrowByUnits(narrowed, located).map((item) => withOwnPlace(item.frame, compose(item, located)));
  }

  /** Where the kernel's tree was when it was built, as far as a line has told by now. */
  sourceRoot(): Promise<string | undefined> {
    return Promise.resolve(this.root);
  }

  /** The folder that the compiler ran in, as debug information records it (relative in Debian's kernels), as far as a line has told. */
  compilationFolder(): Promise<string | undefined> {
    return Promise.resolve(this.compiledIn);
  }

  async close(): Promise<void> {
    await this.images.close();
  }

  private async plan(frame: StackFrame): Promise<FramePlan> {
    try {
      return await this.planner.plan(frame);
    } catch (error) {
      return { status: "unreadable-debuginfo", message: describeError(error) };
    }
  }
}

function rootOf(located: Iterable<Located>): string | undefined {
  for (const found of located) {
    const places = "location" in found ? (found.location?.frames ?? []) : [];
    for (const { place } of places) {
      const root = place && treeRoot(place.path, place.compDir);
      if (root !== undefined) return root;
    }
  }
  return undefined;
}

function compilationFolderOf(located: Iterable<Located>): string | undefined {
  for (const found of located) {
    const folders = "location" in found ? (found.location?.frames ?? []).map(({ place }) => place?.compDir) : [];
    const folder = folders.find((known) => known !== undefined && known !== "");
    if (folder !== undefined) return folder;
  }
  return undefined;
}

interface PlannedFrame {
  readonly frame: StackFrame;
  readonly plan: FramePlan;
}

const noLookup: FramePlan = { status: "no-line", message: "The trace names no line of this inlined call; it is in the chain of the frame it was inlined into." };

class Turn {
  // Not `performance`: a process that resolves one stack would load it for this alone.
  private since = Date.now();

  constructor(private readonly signal: AbortSignal | undefined) {}

  get isOver(): boolean {
    return Date.now() - this.since >= longestTurn;
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.signal?.throwIfAborted();
    this.since = Date.now();
  }
}

async function locateAll(planned: readonly PlannedFrame[], turn: Turn, signal: AbortSignal | undefined): Promise<Map<Candidate, Located>> {
  const jobs = planned.flatMap(({ plan }) => ("image" in plan ? plan.candidates.map((candidate) => ({ plan, candidate })) : []));
  jobs.sort((a, b) => a.candidate.pc - b.candidate.pc);
  const located = new Map<Candidate, Located>();
  const here = jobs.filter(({ plan }) => plan.image.width === 1);
  const work = [here, ...lanesOf(jobs.filter(({ plan }) => plan.image.width > 1))].map(async (lane, index) => {
    for (const image of new Set(lane.map(({ plan }) => plan.image))) await image.announce(lane.filter(({ plan }) => plan.image === image).map(pcOf), Math.max(0, index - 1));
    let last: LookupJob | undefined;
    for (const job of lane) {
      const known = last && isSamePlace(last, job) ? located.get(last.candidate) : undefined;
      const found = known ?? locate(job, Math.max(0, index - 1), signal);
      located.set(job.candidate, found instanceof Promise ? await found : found);
      last = job;
      if (turn.isOver) await turn.next();
    }
  });
  await Promise.all(work);
  return located;
}

/** Places of files elsewhere, neighbours together: so each unit is read by one lane. */
function lanesOf<T extends { readonly plan: LookupPlan }>(jobs: readonly T[]): T[][] {
  const width = Math.max(0, ...jobs.map(({ plan }) => plan.image.width));
  const each = Math.ceil(jobs.length / Math.max(1, width));
  return Array.from({ length: Math.min(width, jobs.length) }, (_, lane) => jobs.slice(lane * each, (lane + 1) * each));
}

/** The pc whose line is wanted: of a return address that of the call. */
const pcOf = ({ plan, candidate }: LookupJob): number => (plan.lookup === "caller" ? candidate.pc - 1 : candidate.pc);

interface LookupJob {
  readonly plan: LookupPlan;
  readonly candidate: Candidate;
}

const isSamePlace = (one: LookupJob, other: LookupJob): boolean => one.plan.image === other.plan.image && pcOf(one) === pcOf(other);

/** Waits for nothing when all is here. */
function locate(job: LookupJob, lane: number, signal: AbortSignal | undefined): Located | Promise<Located> {
  try {
    const found = job.plan.image.locate(pcOf(job), signal, lane);
    return found instanceof Promise ? found.then((location) => ({ location }), (error: unknown) => failureOf(error, signal)) : { location: found };
  } catch (error) {
    return failureOf(error, signal);
  }
}

function failureOf(error: unknown, signal: AbortSignal | undefined): Located {
  signal?.throwIfAborted();
  return { failure: describeError(error) };
}

function compose({ frame, plan }: PlannedFrame, located: ReadonlyMap<Candidate, Located>): ResolvedFrame {
  const asked = askedOf(frame);
  if (frame.kind === "inlined" && frame.source) {
    return { ...asked, status: "ok", frames: [{ function: frame.symbol ?? "?", source: frame.source, inlined: true }], message: "The trace itself names this line." };
  }
  if (!("image" in plan)) return { ...asked, ...plan.known, status: plan.status, message: plan.message, frames: [] };
  const [only] = plan.candidates;
  const known = only && plan.candidates.length === 1 ? located.get(only) : undefined;
  if (only && known) return composeOne(asked, plan, { candidate: only, located: known });
  const answers = plan.candidates.flatMap((candidate) => {
    const found = located.get(candidate);
    return found ? [{ candidate, located: found }] : [];
  });
  const [first] = answers;
  return first && answers.length === 1 ? composeOne(asked, plan, first) : composeMatches(asked, plan, answers);
}

/** Where no debuginfo tells the line, the one that the trace itself names is better than none. */
function withOwnPlace(frame: StackFrame, answer: ResolvedFrame): ResolvedFrame {
  if (answer.frames.length > 0 || frame.source === undefined || answer.matches?.some(({ frames }) => frames.length > 0)) return answer;
  const message = ["The trace itself names this line.", answer.message].filter((text) => text !== undefined).join(" ");
  return { ...answer, frames: [{ function: frame.symbol ?? "?", source: frame.source, inlined: false }], message };
}

/** Written out: there may be thousands. */
function askedOf(frame: StackFrame): Asked {
  const asked: Mutable<Asked> = { input: formatFrame(frame), lookup: lookupOf(frame) };
  if (frame.symbol !== undefined) asked.symbol = frame.symbol;
  if (frame.offset !== undefined) asked.offset = frame.offset;
  if (frame.size !== undefined) asked.size = frame.size;
  if (frame.module !== undefined) asked.module = frame.module;
  return asked;
}

type Asked = Pick<ResolvedFrame, "input" | "lookup" | "symbol" | "offset" | "size" | "module">;

interface Answer {
  readonly candidate: Candidate;
  readonly located: Located;
}

function composeOne(asked: Asked, plan: LookupPlan, { candidate, located }: Answer): ResolvedFrame {
  const { symbol, pc, size } = candidate;
  const answer: Mutable<ResolvedFrame> = { input: asked.input, lookup: plan.lookup, symbol: symbol.name, offset: pc - symbol.pc, size, address: addressOf(plan, candidate), status: "ok", frames: [] };
  const module = plan.module ?? asked.module;
  if (module !== undefined) answer.module = module;
  if ("failure" in located) return Object.assign(answer, { status: "unreadable-debuginfo", message: located.failure });
  if (!plan.image.hasDebugInfo) return Object.assign(answer, { status: "no-debuginfo", message: `${plan.image.name} has symbols, but no debug information.` });
  const { frames, message } = sourceAnswer(candidate, located.location, plan.lookup);
  const nameless = frames.some((frame) => frame.function === "?") ? plan.image.missingNames : undefined;
  answer.frames = frames;
  if (frames.length === 0) answer.status = "no-line";
  const sentence = message === undefined && nameless === undefined ? plan.message : [message, nameless, plan.message].filter((text) => text !== undefined).join(" ");
  if (sentence !== undefined) answer.message = sentence;
  return answer;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function composeMatches(asked: Asked, plan: LookupPlan, answers: readonly Answer[]): ResolvedFrame {
  const failed = answers.find(({ located }) => "failure" in located);
  if (failed) return composeOne(asked, plan, failed);
  const matches = answers.map(({ candidate, located }): ResolvedMatch => {
    const answer: SourceAnswer = sourceAnswer(candidate, "location" in located ? located.location : undefined, plan.lookup);
    return { address: addressOf(plan, candidate), size: candidate.size, frames: answer.frames };
  });
  const message = `${answers.length} functions are named ${asked.symbol ?? ""}, and nothing in the frame tells which one is meant.`;
  const status = !plan.image.hasDebugInfo ? "no-debuginfo" : matches.some(({ frames }) => frames.length > 0) ? "ok" : "no-line";
  return { ...asked, status, message, frames: [], matches };
}

/** Link-time address in vmlinux, or the address in its section in a module. */
function addressOf({ image }: LookupPlan, { symbol, pc }: Candidate): Vaddr {
  const { base, placed } = image.layout;
  return vaddr(placed ? BigInt(pc - (placed[symbol.section] ?? 0)) : addressOfPc(base, pc));
}
