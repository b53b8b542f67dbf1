/**
 * Why, from what was recorded: a saved trace, or any text with stacks. A trace has its events with all that was known of them; of a text there is the stack, and
 * what the kernel's event says in the line above it.
 */
import { asChainFrame } from "../collectors/traces/chainFrame";
import type { Explanation } from "../knowledge/cause";
import { parseDropEventLine } from "../knowledge/dropEventLine";
import { explainStack, type RecordedFacts } from "../knowledge/explainStack";
import { parseResetEventLine } from "../knowledge/resetEventLine";
import type { SourceText } from "../knowledge/resetFacts";
import { readStacks } from "../stacks/exchange/readStacks";
import { formatFrame } from "../stacks/parseFrame";
import type { Stack, StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { explainEvent } from "./explainEvent";
import { isTraceJson, parseTrace } from "./savedTrace";
import { readTexts } from "../collectors/traces/sourceTexts";

export interface ExplainedStack {
  /** In the text, from 1; undefined of a trace's group. */
  readonly line?: number;
  readonly count: number;
  /** undefined: the stack is of nothing that has a cause we know. */
  readonly explanation: Explanation<string> | undefined;
  readonly stack: readonly ResolvedFrame[];
}

export interface ExplainTextOptions {
  /** Without it frames stay as the text has them. */
  readonly resolve?: (frames: readonly StackFrame[]) => Promise<readonly ResolvedFrame[]>;
  /** Source of the exact build, or undefined; asked only where the call chain leaves the cause open. */
  readonly readSource?: (file: string) => Promise<string | undefined>;
}

/** In the order of the text. @throws DomainError of the files it reads: `stacks/bad-trace`, `stacks/bad-json`, `stacks/bad-speedscope` */
export async function explainText(text: string, options: ExplainTextOptions): Promise<readonly ExplainedStack[]> {
  const value = /^\s*\{/.test(text) ? parseJson(text) : undefined;
  return isTraceJson(value) ? explainTrace(value, options) : explainStacks(text, options);
}

async function explainTrace(value: unknown, options: ExplainTextOptions): Promise<readonly ExplainedStack[]> {
  const explained: ExplainedStack[] = [];
  for (const { event, stack: saved, count } of parseTrace(value).groups) {
    const stack = options.resolve ? await options.resolve(event.stack) : saved;
    explained.push({ count, stack, explanation: await withSource(stack, options, (source) => explainEvent(event, stack, source)) });
  }
  return explained;
}

async function explainStacks(text: string, options: ExplainTextOptions): Promise<readonly ExplainedStack[]> {
  const lines = text.split("\n");
  const explained: ExplainedStack[] = [];
  for (const stack of readStacks(text).stacks) {
    const facts = factsAbove(lines, stack);
    const frames = options.resolve ? await options.resolve(stack.frames) : stack.frames.map(unresolved);
    const chain = options.resolve ? frames : stack.frames.map(asChainFrame);
    explained.push({ line: stack.line, count: stack.count ?? 1, stack: frames, explanation: await withSource(frames, options, (source) => explainStack(chain, source, facts)) });
  }
  return explained;
}

/** ftrace has a line of its own between the event and the stack, perf has none. */
function factsAbove(lines: readonly string[], { line }: Stack): RecordedFacts {
  const above = [lines[line - 2] ?? "", lines[line - 3] ?? ""];
  const reset = above.map(parseResetEventLine).find((facts) => facts !== undefined);
  const drop = above.map(parseDropEventLine).find((facts) => facts !== undefined);
  return { ...(reset && { reset }), ...(drop && { drop }) };
}

type Explain<T> = (source?: SourceText) => T;

async function withSource<T extends Explanation<string> | undefined>(stack: readonly ResolvedFrame[], { readSource }: ExplainTextOptions, explain: Explain<T>): Promise<T> {
  const byChain = explain();
  if (!byChain || byChain.cause.confidence === "certain" || !readSource) return byChain;
  return explain(await readTexts(stack, readSource));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unresolved = (frame: StackFrame): ResolvedFrame => ({
  input: formatFrame(frame),
  ...(frame.symbol === undefined ? {} : { symbol: frame.symbol }),
  status: "no-debuginfo",
  lookup: frame.kind === "return" ? "caller" : "exact",
  frames: frame.source && frame.symbol !== undefined ? [{ function: frame.symbol, source: frame.source, inlined: frame.kind === "inlined" }] : [],
});
