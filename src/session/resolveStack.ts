import { remedyOfTrace } from "../symbolize/debuginfoRemedy";
import { formatFrame } from "../stacks/parseFrame";
import type { Stack, StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { chooseKernel } from "./chooseKernel";
import type { Host } from "./host";

/** Frames, and what the text around them says of their kernel. */
export type StackOfText = Pick<Stack, "frames" | "build" | "buildId">;

/**
 * A stack of a text, resolved with the debuginfo of the kernel that the text names. For the one that the host runs that is the host's; for another
 * one whose build id stands in the text, whatever has that id; for another one known by its release only there is none that is sure.
 */
export async function resolveStack(host: Pick<Host, "name" | "facts" | "resolve">, stack: StackOfText, signal?: AbortSignal): Promise<readonly ResolvedFrame[]> {
  const other = await otherKernel(host, stack);
  if (other === undefined) {
    const answers = await host.resolve(stack.frames, signal);
    return answers.map((answer, index) => withRemedy(answer, stack, stack.frames[index]));
  }
  const own = stack.frames.map((frame) => withBuildId(frame, stack));
  const resolved = await host.resolve(own.filter((frame) => frame.buildId !== undefined), signal);
  let next = 0;
  return own.map((frame) => {
    if (frame.buildId === undefined) return ofAnotherKernel(frame, stack, other);
    return withRemedy(resolved[next++] ?? ofAnotherKernel(frame, stack, other), stack, frame);
  });
}

/** What sets the kernel of a text apart from the host's; undefined when they are the same. */
export async function otherKernel(host: Pick<Host, "name" | "facts">, stack: Pick<Stack, "build" | "buildId">): Promise<string | undefined> {
  const { release, buildId } = await host.facts();
  const choice = chooseKernel([{ name: host.name, facts: { release, ...(buildId !== undefined && { buildId }) } }], stack);
  return "host" in choice ? undefined : choice.message;
}

/** The kernel's own frames are of the build that the report's head names; those of modules say their own. */
export const withBuildId = (frame: StackFrame, { buildId }: Pick<Stack, "buildId">): StackFrame =>
  buildId === undefined || frame.buildId !== undefined || frame.module !== undefined ? frame : { ...frame, buildId };

/** How to get the build that a frame names, where it was not found. */
function withRemedy(answer: ResolvedFrame, { build }: StackOfText, frame: StackFrame | undefined): ResolvedFrame {
  const { buildId } = frame ?? {};
  if (buildId === undefined || (answer.status !== "no-debuginfo" && answer.status !== "build-id-mismatch")) return answer;
  return { ...answer, message: `${answer.message ?? ""} ${remedyOfTrace({ buildId, ...(build !== undefined && { build }) })}`.trimStart() };
}

function ofAnotherKernel(frame: StackFrame, stack: StackOfText, other: string): ResolvedFrame {
  const { symbol, offset, size, module, kind } = frame;
  const advice = stack.buildId !== undefined && module !== undefined ? `It has no build id of module ${module}, so nothing proves which file is of that build.` : remedyOfTrace(stack.build === undefined ? {} : { build: stack.build });
  return {
    input: formatFrame(frame), status: "build-id-mismatch", message: `${other} ${advice}`, lookup: kind === "return" ? "caller" : "exact", frames: [],
    ...(symbol !== undefined && { symbol }), ...(offset !== undefined && { offset }), ...(size !== undefined && { size }), ...(module !== undefined && { module }),
  };
}
