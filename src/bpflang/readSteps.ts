import type { Item, Program, SyntaxProblem } from "./syntax";
import type { TokenCursor } from "./tokenCursor";

/** More would not be read by anybody; random bytes yield one for each. */
const maxProblems = 100;

/** One turn of the parser at the top of a program: what it read, and where it stood before. Nothing of a turn depends on those before it. */
export interface Step {
  /** Of the first token; `firstEnd` is that token's end. */
  readonly start: number;
  readonly firstEnd: number;
  /** Where the token before it ended. */
  readonly lastEnd: number;
  /** undefined for a stray sign. */
  readonly item: Item | undefined;
  readonly problems: readonly SyntaxProblem[];
}

/** Reads steps until the text ends, or `isEnough` says so before the next one. */
export function readSteps(cursor: TokenCursor, parseItem: (cursor: TokenCursor) => Item | undefined, isEnough: () => boolean = () => false): Step[] {
  const steps: Step[] = [];
  while (!cursor.atEnd() && !isEnough()) {
    const { token: { start, end: firstEnd }, lastEnd } = cursor;
    const item = parseItem(cursor);
    if (cursor.token.start === start && !cursor.atEnd()) cursor.advance();
    steps.push({ start, firstEnd, lastEnd, item, problems: cursor.takeProblems() });
  }
  return steps;
}

export function programOf(text: string, steps: readonly Step[], comments: Program["comments"]): Program {
  return { text, steps, items: steps.flatMap(({ item }) => item ?? []), comments, problems: together(steps), start: 0, end: text.length };
}

/** What follows a mistake is mostly its echo, also when the parser has gone on to the next item. */
function together(steps: readonly Step[]): readonly SyntaxProblem[] {
  const all: SyntaxProblem[] = [];
  for (const { problems } of steps) {
    for (const problem of problems) {
      const last = all.at(-1);
      if (!last || problem.start < last.start || problem.start > last.end) all.push(problem);
      if (all.length === maxProblems) return all;
    }
  }
  return all;
}
