import { parseAddress, makeFrame, parseBuildId } from "../../stacks/parseFrame";
import type { StackFrame } from "../../stacks/stack";
import { describeError } from "../../base/errors";
import { adviceFor } from "../../session/advice";
import { chooseKernel } from "../../session/chooseKernel";
import { resolveStack } from "../../session/resolveStack";
import type { ResolvedFrame, SourceFrame } from "../../symbolize/resolvedFrame";
import type { ChainPart, FrameAnswer, StackAnswer, StackProblem, StackQuery, WireFrame } from "../../protocol/kernelStacks";
import type { HostRegistry } from "../hosts/hostRegistry";

export type StackHosts = Pick<HostRegistry, "connected" | "active" | "host">;

/** Answers what the language server asks about stacks, with the connected hosts and their debuginfo. Nothing is connected for it. */
export async function answerStacks(hosts: StackHosts, uriOf: (host: string, file: string) => string, queries: readonly StackQuery[], signal: AbortSignal): Promise<readonly StackAnswer[]> {
  return Promise.all(queries.map((query) => answerStack(hosts, uriOf, query, signal)));
}

async function answerStack(hosts: StackHosts, uriOf: (host: string, file: string) => string, query: StackQuery, signal: AbortSignal): Promise<StackAnswer> {
  const choice = chooseHostOf(hosts, query);
  if (!("host" in choice)) return answerByBuildId(hosts, query, choice, signal);
  const { name, facts } = choice.host;
  const kernel = { host: name, release: facts.release, ...(facts.buildId !== undefined && { buildId: facts.buildId }) };
  try {
    const host = hosts.host(name);
    const debuginfo = await host?.debuginfo(signal);
    const missing = debuginfo && debuginfo.state !== "exact" ? problemOf(debuginfo.message, debuginfo.remedy) : undefined;
    const resolved = (await host?.resolve(query.frames.map(stackFrame), signal)) ?? [];
    return {
      ...kernel,
      ...(debuginfo?.origin !== undefined && { debuginfo: debuginfo.origin }),
      ...(missing && { problem: missing }),
      frames: resolved.map((frame) => frameAnswer(frame, (file) => uriOf(name, file))),
    };
  } catch (error) {
    return { ...kernel, ...failure(error, signal) };
  }
}

/** A stack of a kernel that no connected host runs: from whatever has the build ids of the text. No host has the source of its lines. */
async function answerByBuildId(hosts: StackHosts, query: StackQuery, problem: StackProblem, signal: AbortSignal): Promise<StackAnswer> {
  const { build, buildId } = query;
  const host = hosts.host(hosts.active?.name ?? hosts.connected()[0]?.name ?? "");
  const id = parseBuildId(buildId);
  const stack = { frames: query.frames.map(stackFrame), ...(build !== undefined && { build }), ...(id !== undefined && { buildId: id }) };
  if (!host || (id === undefined && stack.frames.every((frame) => frame.buildId === undefined))) return { problem, frames: query.frames.map(namedByText) };
  try {
    const resolved = await resolveStack(host, stack, signal);
    const failed = resolved.every(({ frames, matches }) => frames.length === 0 && !matches);
    if (failed) return { problem: { ...problem, advice: resolved[0]?.message ?? problem.advice ?? "" }, frames: query.frames.map(namedByText) };
    return { ...(build !== undefined && { release: build }), ...(buildId !== undefined && { buildId }), frames: resolved.map((frame) => frameAnswer(frame)) };
  } catch (error) {
    return failure(error, signal);
  }
}

function failure(error: unknown, signal: AbortSignal): StackAnswer {
  signal.throwIfAborted();
  const advice = adviceFor(error);
  return { problem: { kind: "failed", message: describeError(error), ...(advice !== undefined && { advice }) }, frames: [] };
}

/** The host that a stack's kernel runs on; the active one counts first. */
export function chooseHostOf(hosts: StackHosts, query: Pick<StackQuery, "build" | "buildId">): ReturnType<typeof chooseKernel> {
  const { active } = hosts;
  const ordered = [...hosts.connected()].sort((a, b) => Number(b.name === active?.name) - Number(a.name === active?.name));
  return chooseKernel(ordered.flatMap(({ name, state }) => (state.kind === "connected" ? [{ name, facts: state.facts }] : [])), query);
}

function problemOf(message: string, remedy: { readonly title: string; readonly command?: string } | undefined): StackProblem {
  const advice = remedy && (remedy.command === undefined ? `${remedy.title}.` : `${remedy.title}: ${remedy.command}`);
  return { kind: "no-debuginfo", message, ...(advice !== undefined && { advice }) };
}

/** What the text itself says needs no host. */
function namedByText(frame: WireFrame): FrameAnswer {
  const lookup = frame.kind === "return" ? "caller" : "exact";
  if (!frame.source) return { status: "no-debuginfo", lookup, chain: [] };
  return { status: "ok", lookup, chain: [{ function: frame.symbol ?? "?", inlined: frame.kind === "inlined", ...frame.source }] };
}

/** A frame as it came over the wire. */
export function stackFrame({ address, buildId, ...frame }: WireFrame): StackFrame {
  return makeFrame({ ...frame, address: parseAddress(address), buildId: parseBuildId(buildId) });
}

function frameAnswer({ status, message, lookup, frames, matches }: ResolvedFrame, uriOf?: (file: string) => string): FrameAnswer {
  const parts = (chain: readonly SourceFrame[]): readonly ChainPart[] =>
    chain.map(({ function: name, inlined, source }) => ({ function: name, inlined, ...(source && { file: source.file, line: source.line, ...(uriOf && { uri: uriOf(source.file) }) }) }));
  return { status, lookup, chain: parts(frames), ...(message !== undefined && { message }), ...(matches && { alternatives: matches.map((match) => parts(match.frames)) }) };
}
