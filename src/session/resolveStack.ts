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
  const { release, buildId } = await host.facts();
  const choice = chooseKernel([{ name: host.name, facts: { release, ...(buildId !== undefined && { buildId }) } }], stack);
  if ("host" in choice) return host.resolve(stack.frames, signal);
  const message = `${choice.message} ${choice.advice}`;
  const own = stack.frames.map((frame) => withBuildId(frame, stack));
  const resolved = await host.resolve(own.filter((frame) => frame.buildId !== undefined), signal);
  let next = 0;
  return own.map((frame) => (frame.buildId === undefined ? ofAnotherKernel(frame, message) : (resolved[next++] ?? ofAnotherKernel(frame, message))));
}

/** The kernel's own frames are of the build that the report's head names; those of modules say their own. */
export const withBuildId = (frame: StackFrame, { buildId }: Pick<Stack, "buildId">): StackFrame =>
  buildId === undefined || frame.buildId !== undefined || frame.module !== undefined ? frame : { ...frame, buildId };

function ofAnotherKernel(frame: StackFrame, message: string): ResolvedFrame {
  const { symbol, offset, size, module, kind } = frame;
  return {
    input: formatFrame(frame), status: "build-id-mismatch", message, lookup: kind === "return" ? "caller" : "exact", frames: [],
    ...(symbol !== undefined && { symbol }), ...(offset !== undefined && { offset }), ...(size !== undefined && { size }), ...(module !== undefined && { module }),
  };
}
