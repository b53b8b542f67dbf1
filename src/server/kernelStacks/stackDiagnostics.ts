import { type Diagnostic, DiagnosticSeverity } from "vscode-languageserver";
import type { StackDiagnostic } from "../../stacks/parseStacks";
import { frameMarks, frameMarkWords, stackMarks, stackMarkWords, type FrameMark } from "../../stacks/quality";
import type { AnsweredFrame, FrameAnswers } from "./frameAnswers";
import type { DocumentLines } from "./documentLines";
import type { PlacedStack } from "./placedStack";
import { frameRange } from "./stackOutline";

/** A log may hold thousands of stacks; nobody reads more. */
const mostDiagnostics = 400;

/**
 * What lowers the trust in a stack: said once a stack and cause, as a hint, at the first frame it is true of. What is known from the
 * kernel itself (another build, an offset beyond a function) holds for every stack alike and is said once.
 */
export function stackDiagnostics(stacks: readonly PlacedStack[], notes: readonly StackDiagnostic[], answers: Pick<FrameAnswers, "peek">, lines: DocumentLines): readonly Diagnostic[] {
  const found: Diagnostic[] = notes.map(({ line, message }) => diagnostic(lineRange(lines, line), message, DiagnosticSeverity.Information, "unread"));
  const said = new Set<Diagnostic["message"]>();
  for (const stack of stacks) {
    if (found.length >= mostDiagnostics) break;
    const fresh = ofAnswers(stack, answers).filter(({ message }) => !said.has(message));
    for (const { message } of fresh) said.add(message);
    found.push(...ofFrames(stack), ...ofStack(stack), ...fresh);
  }
  return found.slice(0, mostDiagnostics);
}

/** Why a text has no links. */
export function sizeNote(limit: number): Diagnostic {
  const start = { line: 0, character: 0 };
  const message = `This text is longer than ${Math.round(limit / (1 << 20))} MB, so kernel stacks in it are not read (setting knetscope.stacks.maxFileMegabytes).`;
  return diagnostic({ start, end: start }, message, DiagnosticSeverity.Information, "too-long");
}

const shown: readonly FrameMark[] = ["unreliable", "clone"];

function ofFrames({ frames }: PlacedStack): readonly Diagnostic[] {
  return shown.flatMap((mark) => {
    const marked = frames.filter(({ frame }) => frameMarks(frame).includes(mark));
    const [first] = marked;
    if (!first) return [];
    const others = marked.length === 1 ? "" : ` (${marked.length} of ${frames.length} frames)`;
    return [diagnostic(frameRange(first), `${sentence(frameMarkWords[mark])}${others}`, DiagnosticSeverity.Hint, mark)];
  });
}

function ofStack({ stack, frames }: PlacedStack): readonly Diagnostic[] {
  const last = frames.at(-1);
  return stackMarks(stack).includes("truncated") && last ? [diagnostic(frameRange(last), sentence(stackMarkWords.truncated), DiagnosticSeverity.Hint, "truncated")] : [];
}

/** Only what was resolved for other reasons (frames in sight, hovers) is judged: diagnostics ask nothing of a host. */
function ofAnswers(stack: PlacedStack, answers: Pick<FrameAnswers, "peek">): readonly Diagnostic[] {
  const known = stack.frames.flatMap((frame) => answers.peek(stack, frame) ?? []);
  const [first] = known;
  const problem = first?.kernel.problem;
  if (first && problem?.kind === "other-kernel") return [diagnostic(frameRange(first.placed), problem.message, DiagnosticSeverity.Information, "wrong-build")];
  return (["build-id-mismatch", "out-of-range", "duplicate-name"] as const).flatMap((status) => {
    const hit = known.find((frame) => judge(frame) === status);
    return hit?.answer?.message === undefined ? [] : [diagnostic(frameRange(hit.placed), hit.answer.message, status === "duplicate-name" ? DiagnosticSeverity.Hint : DiagnosticSeverity.Information, status)];
  });
}

const judge = ({ answer }: AnsweredFrame): string | undefined => (answer?.alternatives && answer.alternatives.length > 1 ? "duplicate-name" : answer?.status);

function diagnostic(range: Diagnostic["range"], message: string, severity: DiagnosticSeverity, code: string): Diagnostic {
  return { range, message, severity, code, source: "knetscope" };
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

function lineRange(lines: DocumentLines, line: number): Diagnostic["range"] {
  const text = lines.line(line);
  return { start: { line, character: text.length - text.trimStart().length }, end: { line, character: text.length } };
}
