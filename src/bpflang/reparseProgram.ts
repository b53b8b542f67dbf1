/**
 * Parses a program anew after an edit, as far as the edit reaches: the items before it are taken over, those behind it too, moved to their new places.
 * The result is the tree that `parseProgram` would give.
 */
import { commonEnds } from "../base/commonEnds";
import { parseItem, parseProgram } from "./parseProgram";
import { programOf, readSteps, type Step } from "./readSteps";
import type { Program } from "./syntax";
import { TokenCursor } from "./tokenCursor";

/** @param before loses its nodes to the result: those behind the edit get their new offsets in place, as there may be ten thousands. */
export function reparseProgram(before: Program, text: string): Program {
  const same = commonEnds(before.text, text);
  const restart = restartBefore(before.steps, same.start);
  const first = before.steps[restart];
  if (!first || restart === 0) return parseProgram(text);
  const cursor = new TokenCursor(text, first.lastEnd);
  const by = text.length - before.text.length;
  // One sign more, as what stands right before a token may decide what it is.
  const tail = new Tail(before.steps, restart, before.text.length - same.end + 1, by);
  const steps = readSteps(cursor, parseItem, () => tail.beginsAt(cursor));
  const behind = cursor.atEnd() ? [] : tail.steps();
  const from = behind[0]?.start ?? Infinity;
  const moved = behind.map((step) => moveStep(step, by));
  const comments = [
    ...before.comments.filter(({ start }) => start < first.start),
    ...cursor.lexer.comments.filter(({ start }) => start >= first.start && start < from + by),
    ...before.comments.filter(({ start }) => start >= from).map(({ start, end }) => ({ start: start + by, end: end + by })),
  ];
  return programOf(text, [...before.steps.slice(0, restart), ...steps, ...moved], comments);
}

/** The step to begin with: the parser looks two tokens ahead, so the one before the last that has its first token before the edit. */
function restartBefore(steps: readonly Step[], edit: number): number {
  let index = steps.findIndex(({ firstEnd }) => firstEnd >= edit);
  if (index < 0) index = steps.length;
  return Math.max(0, index - 2);
}

/** Steps of the text before that hold in the new one, from the first that the parser comes to exactly. */
class Tail {
  private next: number;

  constructor(
    private readonly before: readonly Step[],
    restart: number,
    private readonly sameFrom: number,
    private readonly by: number,
  ) {
    this.next = restart;
  }

  beginsAt({ token, lastEnd }: TokenCursor): boolean {
    const start = token.start - this.by;
    while ((this.before[this.next]?.start ?? Infinity) < start) this.next++;
    const step = this.before[this.next];
    return step?.start === start && step.lastEnd === lastEnd - this.by && step.lastEnd >= this.sameFrom;
  }

  steps(): readonly Step[] {
    return this.before.slice(this.next);
  }
}

function moveStep(step: Step, by: number): Step {
  if (by === 0) return step;
  if (step.item) move(step.item, by);
  const problems = step.problems.map(({ start, end, message }) => ({ start: start + by, end: end + by, message }));
  return { start: step.start + by, firstEnd: step.firstEnd + by, lastEnd: step.lastEnd + by, item: step.item, problems };
}

type Movable = Record<string, unknown>;

/** Whatever has a start and an end, however deep. */
function move(node: object, by: number): void {
  const fields = node as Movable;
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === "object" && value !== null) move(value, by);
    else if (key === "start" || key === "end") fields[key] = (value as number) + by;
  }
}
