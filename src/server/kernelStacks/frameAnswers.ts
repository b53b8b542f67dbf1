import type { FrameAnswer, SourceExcerpt, SourceQuery, StackAnswer, StackQuery } from "../../protocol/kernelStacks";
import { formatFrame } from "../../stacks/parseFrame";
import type { StackFrame } from "../../stacks/stack";
import type { PlacedFrame, PlacedStack } from "./placedStack";
import { kernelOf, wireFrame } from "./wireStack";

/** Who knows which line a frame is of: the editor's side, over the connection. */
export interface FrameResolver {
  /** Answers in the order asked. */
  resolve(queries: readonly StackQuery[], signal: AbortSignal): Promise<readonly StackAnswer[]>;
  source(query: SourceQuery, signal: AbortSignal): Promise<SourceExcerpt | null>;
}

/** A frame with what is known of it. */
export interface AnsweredFrame {
  readonly placed: PlacedFrame;
  readonly stack: PlacedStack;
  /** About the kernel and its debuginfo; without `frames`. */
  readonly kernel: Omit<StackAnswer, "frames">;
  readonly answer: FrameAnswer | undefined;
}

interface Known {
  readonly kernel: Omit<StackAnswer, "frames">;
  readonly frames: Map<string, FrameAnswer>;
}

/** Answers of the editor's side, asked in one request for all frames that are wanted, and kept until hosts or settings change. */
export class FrameAnswers {
  private readonly known = new Map<string, Known>();
  private epoch = 0;

  constructor(private readonly resolver: FrameResolver) {}

  clear(): void {
    this.known.clear();
    this.epoch++;
  }

  /** The frames of the given stacks that `wanted` names. */
  async of(stacks: readonly PlacedStack[], wanted: (frame: PlacedFrame) => boolean, signal: AbortSignal): Promise<readonly AnsweredFrame[]> {
    const chosen = stacks.map((stack) => ({ stack, frames: stack.frames.filter(wanted) })).filter(({ frames }) => frames.length > 0);
    await this.ask(chosen, signal);
    return chosen.flatMap(({ stack, frames }) => {
      const known = this.known.get(kernelKey(stack));
      return frames.map((placed) => ({ placed, stack, kernel: known?.kernel ?? {}, answer: known?.frames.get(frameKey(placed.frame)) }));
    });
  }

  /** What was answered before, without asking. */
  peek(stack: PlacedStack, placed: PlacedFrame): AnsweredFrame | undefined {
    const known = this.known.get(kernelKey(stack));
    return known && { placed, stack, kernel: known.kernel, answer: known.frames.get(frameKey(placed.frame)) };
  }

  private async ask(chosen: readonly { readonly stack: PlacedStack; readonly frames: readonly PlacedFrame[] }[], signal: AbortSignal): Promise<void> {
    const queries = new Map<string, { readonly stack: PlacedStack; readonly frames: Map<string, StackFrame> }>();
    for (const { stack, frames } of chosen) {
      const key = kernelKey(stack);
      const known = this.known.get(key);
      if (known?.kernel.problem) continue;
      for (const { frame } of frames) {
        if (known?.frames.has(frameKey(frame))) continue;
        const query = queries.get(key) ?? { stack, frames: new Map<string, StackFrame>() };
        query.frames.set(frameKey(frame), frame);
        queries.set(key, query);
      }
    }
    if (queries.size === 0) return;
    const list = [...queries.values()];
    const epoch = this.epoch;
    const answers = await this.resolver.resolve(list.map(({ stack, frames }) => ({ ...kernelOf(stack.stack), frames: [...frames.values()].map(wireFrame) })), signal);
    if (epoch === this.epoch) list.forEach(({ stack, frames }, index) => this.keep(kernelKey(stack), [...frames.keys()], answers[index]));
  }

  private keep(key: string, frameKeys: readonly string[], answer: StackAnswer | undefined): void {
    if (!answer) return;
    const { frames, ...kernel } = answer;
    const known: Known = { kernel, frames: this.known.get(key)?.frames ?? new Map<string, FrameAnswer>() };
    frameKeys.forEach((frameKey, index) => {
      const found = frames[index];
      if (found) known.frames.set(frameKey, found);
    });
    this.known.set(key, known);
  }
}

const kernelKey = ({ stack: { build, buildId } }: PlacedStack): string => `${build ?? ""}/${buildId ?? ""}`;
const frameKey = (frame: StackFrame): string => `${frame.kind} ${formatFrame(frame)} ${frame.address ?? ""} ${frame.buildId ?? ""} ${frame.source ? `${frame.source.file}:${frame.source.line}` : ""}`;
