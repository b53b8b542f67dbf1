/**
 * Stacks of texts, resolved without any host: from debuginfo on this machine and from the debuginfod servers that were named. Which kernel a stack is of:
 * the build id that its text names decides; then the release, when it is this machine's; another stack is of the vmlinux that the user named, as for
 * `knetscope resolve --vmlinux`, unless the text names another release than that file; and what names nothing, where no vmlinux is named, of the running kernel.
 */
import { platform } from "node:os";
import type { StackAnswer, StackQuery } from "../protocol/kernelStacks";
import type { HostFacts } from "../probes/hostFacts";
import { localHostFacts } from "../probes/localHostFacts";
import type { StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { localTarget } from "../target/localTarget";
import type { Target } from "../target/target";
import { debuginfoProblem, failedAnswer, frameOfText, isUnanswered } from "./frameAnswer";
import type { HostOptions } from "./host";
import { KernelSymbols } from "./kernelSymbols";
import { NamedVmlinux } from "./namedVmlinux";
import { otherKernel, resolveStack, type StackOfText } from "./resolveStack";
import { SourcePlaces } from "./sourcePlaces";
import { stackOfQuery } from "./stackFrame";

/** Everything is the user's own; no server is asked that is not named here. */
export type KernelPlaces = Pick<HostOptions, "vmlinux" | "modules" | "sources" | "debuginfodUrls" | "log">;

const name = "this machine";

export class KernelsHere {
  private readonly sources: SourcePlaces;
  private readonly named: NamedVmlinux;
  private machine: Machine | undefined;

  constructor(private readonly places: KernelPlaces) {
    this.sources = new SourcePlaces(places.sources ?? []);
    this.named = new NamedVmlinux(places);
  }

  async answer(query: StackQuery, signal: AbortSignal): Promise<StackAnswer> {
    try {
      const stack = stackOfQuery(query);
      const running = this.running();
      if (running && namesBuild(stack)) return await this.ofBuild(running, stack, query, signal);
      if (running && stack.build === running.facts.release) return await this.ofRunning(running, stack, signal);
      const other = await this.named.otherRelease(stack);
      if (this.named.path !== undefined && other === undefined) return await this.named.answer(stack, signal);
      if (running && stack.build === undefined) return await this.ofRunning(running, stack, signal);
      const message = other ?? (await unlikeRunning(running, stack));
      return { problem: { kind: "other-kernel", message, advice: "Name the vmlinux of the text's kernel (initializationOptions, debuginfo.vmlinux)." }, frames: query.frames.map(frameOfText) };
    } catch (error) {
      return failedAnswer(error, signal);
    }
  }

  /** Where a function of the running kernel is defined; `line` from 1. */
  async functionPlace(symbol: string): Promise<{ readonly uri: string; readonly line: number } | undefined> {
    const running = this.running();
    const [resolved] = (await running?.symbols.resolve([{ symbol, offset: 0, kind: "exact", reliable: true }])) ?? [];
    const source = (resolved?.frames ?? resolved?.matches?.[0]?.frames)?.at(-1)?.source;
    const uri = source && (await this.sources.uriOf(source.file, running?.facts));
    return source && uri !== undefined ? { uri, line: source.line } : undefined;
  }

  async dispose(): Promise<void> {
    await this.named.dispose();
    await this.machine?.symbols.dispose();
    await this.machine?.target.dispose();
  }

  private running(): Machine | undefined {
    if (platform() !== "linux") return undefined;
    this.machine ??= openMachine(this.places);
    return this.machine;
  }

  private async ofRunning({ symbols, facts }: Machine, { frames }: StackOfText, signal: AbortSignal): Promise<StackAnswer> {
    const state = await symbols.state();
    const problem = debuginfoProblem(state);
    const answers = await this.sources.answers(await symbols.resolve(frames, signal), facts);
    return { ...kernelOf(facts), ...(state.origin !== undefined && { debuginfo: state.origin }), ...(problem && { problem }), frames: answers };
  }

  private async ofBuild({ symbols, facts }: Machine, stack: StackOfText, query: StackQuery, signal: AbortSignal): Promise<StackAnswer> {
    const resolve = (frames: readonly StackFrame[]): Promise<readonly ResolvedFrame[]> => symbols.resolve(frames, signal);
    const resolved = await resolveStack({ name, facts: () => Promise.resolve(facts), resolve }, stack);
    if (isUnanswered(resolved)) return { problem: { kind: "no-debuginfo", message: resolved[0]?.message ?? "No debuginfo was found." }, frames: query.frames.map(frameOfText) };
    const isOwn = (await otherKernel({ name, facts: () => Promise.resolve(facts) }, stack)) === undefined;
    const { build, buildId } = stack;
    const kernel = isOwn ? facts : build === undefined ? undefined : { release: build, version: "" };
    return { ...(kernel && { release: kernel.release }), ...(buildId !== undefined && { buildId }), frames: await this.sources.answers(resolved, kernel) };
  }
}

/** The machine that this runs on. */
interface Machine {
  readonly target: Target;
  readonly facts: HostFacts;
  readonly symbols: KernelSymbols;
}

function openMachine(places: KernelPlaces): Machine {
  const [target, facts] = [localTarget(), localHostFacts()];
  return { target, facts, symbols: new KernelSymbols(target, facts, { ...places, debuginfodUrls: places.debuginfodUrls ?? [] }) };
}

const namesBuild = ({ frames, buildId }: StackOfText): boolean => buildId !== undefined || frames.some((frame) => frame.buildId !== undefined);

const kernelOf = ({ release, buildId }: HostFacts): Pick<StackAnswer, "release" | "buildId"> => ({ release, ...(buildId !== undefined && { buildId }) });

async function unlikeRunning(running: Machine | undefined, stack: StackOfText): Promise<string> {
  const other = running && (await otherKernel({ name, facts: () => Promise.resolve(running.facts) }, stack));
  return other ?? "This machine does not run Linux, so the text must be of a kernel whose vmlinux you name.";
}
