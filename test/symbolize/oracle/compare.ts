import type { ResolvedFrame, SourceFrame } from "../../../src/symbolize/resolvedFrame";
import type { Place } from "./places";
import { agree, isEmpty, type ToolFrame } from "./tools";

/** What two tools say of a place. */
export interface Verdict {
  readonly place: Place;
  readonly first: readonly ToolFrame[];
  readonly second: readonly ToolFrame[];
}

export type Comparison = "same" | "differs" | "tools disagree, as the second" | "tools disagree, as the first" | "tools disagree, as neither";

export function compare(verdict: Verdict, answer: ResolvedFrame): Comparison {
  const { first, second, place } = verdict;
  const candidates = answer.matches?.map(({ frames }) => frames) ?? [answer.frames];
  const outermost = [place.symbol, ...[first, second].map((chain) => chain.at(-1)?.function ?? "")];
  const is = (chain: readonly ToolFrame[], strict: boolean): boolean => candidates.some((frames) => same(frames, chain, outermost, strict));
  // Columns: binutils has none.
  if (agree(first, second)) return is(second, true) ? "same" : "differs";
  return is(second, false) ? "tools disagree, as the second" : is(first, false) ? "tools disagree, as the first" : "tools disagree, as neither";
}

const clone = /(\.(cold|isra|constprop|part|llvm)(\.\d+)*)+$/;

/** `strict`: names count too. The outermost may be the debug information's name or that of any symbol there. */
function same(frames: readonly SourceFrame[], chain: readonly ToolFrame[], outermost: readonly string[], strict: boolean): boolean {
  if (frames.length === 0 || isEmpty(chain)) return frames.length === 0 && isEmpty(chain);
  if (frames.length !== chain.length) return false;
  return frames.every(({ function: name, source }, index) => {
    const own = chain[index];
    if (!own || source?.file !== own.file || (source?.line ?? 0) !== own.line) return false;
    if (own.column > 0 && strict && source?.column !== own.column) return false;
    if (!strict || name === own.function) return true;
    return index === chain.length - 1 && outermost.some((other) => other.replace(clone, "") === name.replace(clone, ""));
  });
}

export const describeChain = (chain: readonly ToolFrame[]): string => chain.map(({ function: name, file, line, column }) => `${name ?? "??"} ${file ?? "??"}:${line}:${column}`).join(" < ");

export const describeAnswer = ({ frames, matches, status }: ResolvedFrame): string =>
  (matches?.map((match) => match.frames) ?? [frames]).map((own) => own.map(({ function: name, source }) => `${name} ${source?.file ?? "??"}:${source?.line ?? 0}:${source?.column ?? 0}`).join(" < ")).join(" | ") || status;
