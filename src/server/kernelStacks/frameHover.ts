import type { ChainPart, FrameAnswer, SourceExcerpt } from "../../protocol/kernelStacks";
import { formatFrame } from "../../stacks/parseFrame";
import { frameMarks, frameMarkWords } from "../../stacks/quality";
import type { AnsweredFrame } from "./frameAnswers";
import { commandUri } from "./wireStack";

/** Markdown about a frame: source around the line, the chain of inlined functions, and what the answer rests on. */
export function frameHover(frame: AnsweredFrame, excerpt: SourceExcerpt | null): string {
  const { placed, stack, kernel, answer } = frame;
  const number = stack.frames.indexOf(placed);
  const head = `**${code(formatFrame(placed.frame))}** · frame ${number} of ${stack.frames.length} · ${stack.stack.format}`;
  const place = firstPlace(answer);
  const problem = kernel.problem;
  return [
    head,
    ...(excerpt && place?.line !== undefined ? [sourceBlock(excerpt, place.line)] : []),
    ...(answer ? chainLines(answer, kernel.host) : []),
    ...(problem ? [`${text(problem.message)}${problem.advice === undefined ? "" : `  \n${text(problem.advice)}`}`] : []),
    ...(answer?.message === undefined ? [] : [text(answer.message)]),
    ...frameMarks(placed.frame).map((mark) => `⚠ ${text(frameMarkWords[mark])}`),
    ...(answer && answer.chain.length > 0 ? [basis(frame, answer)] : []),
  ].join("\n\n");
}

/** The line that the hover shows: the innermost of which the source can be shown. */
export function firstPlace(answer: FrameAnswer | undefined): ChainPart | undefined {
  return answer?.chain.find(({ line, uri }) => line !== undefined && uri !== undefined);
}

function sourceBlock({ first, lines }: SourceExcerpt, wanted: number): string {
  const width = String(first + lines.length).length;
  const numbered = lines.map((line, index) => `${first + index === wanted ? "▶" : " "} ${String(first + index).padStart(width)} ${line}`);
  return ["```c", ...numbered, "```"].join("\n");
}

function chainLines({ chain, alternatives }: FrameAnswer, host: string | undefined): readonly string[] {
  if (chain.length > 0) return [chain.map((part) => `- ${partText(part, host)}`).join("\n")];
  return (alternatives ?? []).map((other, index) => [`Either ${index + 1}:`, ...other.map((part) => `- ${partText(part, host)}`)].join("\n"));
}

function partText({ function: name, file, line, uri, inlined }: ChainPart, host: string | undefined): string {
  const place = file === undefined || line === undefined ? "no line known" : `${file}:${line}`;
  // Without a host the address is that of a file.
  const target = line === undefined ? undefined : host === undefined ? uri && `${uri}#L${line}` : commandUri("knetscope.openSourceAt", host, { file, line });
  const linked = target === undefined ? code(place) : `[${text(place)}](${target})`;
  return `${code(name)} ${linked}${inlined ? " *inlined into*" : ""}`;
}

function basis({ kernel: { host, release, buildId, debuginfo }, placed }: AnsweredFrame, { lookup, status }: FrameAnswer): string {
  const rule = lookup === "caller" ? "return address: the line of the call, one byte before" : placed.frame.kind === "inlined" ? "named by the text" : "exact address";
  const kernel = [release, host === undefined ? undefined : `on ${host}`].filter((part) => part !== undefined).join(" ");
  const facts = [rule, kernel, debuginfo, buildId === undefined ? undefined : `build id ${buildId.slice(0, 16)}…`, status === "ok" ? undefined : status];
  return `*${facts.filter((fact) => fact !== undefined && fact !== "").map((fact) => text(fact ?? "")).join(" · ")}*`;
}

/** Text between backticks holds no backtick. */
const code = (value: string): string => `\`${value.replaceAll("`", "'")}\``;
const text = (value: string): string => value.replace(/[\\`*_{}[\]<>#|~]/g, String.raw`\$&`);
