import type { StackAnswer, StackProblem, StackQuery } from "../../protocol/kernelStacks";
import { chooseKernel } from "../../session/chooseKernel";
import { debuginfoProblem, failedAnswer, frameAnswer, frameOfText, isUnanswered } from "../../session/frameAnswer";
import type { NamedVmlinux } from "../../session/namedVmlinux";
import { resolveStack } from "../../session/resolveStack";
import { stackFrame, stackOfQuery } from "../../session/stackFrame";
import type { HostRegistry } from "../hosts/hostRegistry";

export type StackHosts = Pick<HostRegistry, "connected" | "active" | "host">;

export interface StackPlaces {
  readonly hosts: StackHosts;
  /** Address of the document that shows a file of a host's kernel. */
  readonly uriOf: (host: string, file: string) => string;
  readonly named: Pick<NamedVmlinux, "isOf" | "answer">;
}

/** Answers what the language server asks about stacks, with the connected hosts and their debuginfo, else with the vmlinux of the settings. Nothing is connected for it. */
export async function answerStacks(places: StackPlaces, queries: readonly StackQuery[], signal: AbortSignal): Promise<readonly StackAnswer[]> {
  return Promise.all(queries.map((query) => answerStack(places, query, signal)));
}

async function answerStack({ hosts, uriOf, named }: StackPlaces, query: StackQuery, signal: AbortSignal): Promise<StackAnswer> {
  const choice = chooseHostOf(hosts, query);
  if (!("host" in choice)) return (await answerByName(named, query, signal)) ?? answerByBuildId(hosts, query, choice, signal);
  const { name, facts } = choice.host;
  const kernel = { host: name, release: facts.release, ...(facts.buildId !== undefined && { buildId: facts.buildId }) };
  try {
    const host = hosts.host(name);
    const debuginfo = await host?.debuginfo(signal);
    const missing = debuginfo && debuginfoProblem(debuginfo);
    const resolved = (await host?.resolve(query.frames.map(stackFrame), signal)) ?? [];
    return {
      ...kernel,
      ...(debuginfo?.origin !== undefined && { debuginfo: debuginfo.origin }),
      ...(missing && { problem: missing }),
      frames: resolved.map((frame) => frameAnswer(frame, (file) => uriOf(name, file))),
    };
  } catch (error) {
    return { ...kernel, ...failedAnswer(error, signal) };
  }
}

/** A stack that names no build, of the release of the vmlinux that the settings name. */
async function answerByName(named: StackPlaces["named"], query: StackQuery, signal: AbortSignal): Promise<StackAnswer | undefined> {
  const stack = stackOfQuery(query);
  if (!(await named.isOf(stack))) return undefined;
  return named.answer(stack, signal).catch((error: unknown) => failedAnswer(error, signal));
}

/** A stack of a kernel that no connected host runs: from whatever has the build ids of the text. No host has the source of its lines. */
async function answerByBuildId(hosts: StackHosts, query: StackQuery, problem: StackProblem, signal: AbortSignal): Promise<StackAnswer> {
  const { build, buildId } = query;
  const host = hosts.host(hosts.active?.name ?? hosts.connected()[0]?.name ?? "");
  const stack = stackOfQuery(query);
  if (!host || (stack.buildId === undefined && stack.frames.every((frame) => frame.buildId === undefined))) return { problem, frames: query.frames.map(frameOfText) };
  try {
    const resolved = await resolveStack(host, stack, signal);
    if (isUnanswered(resolved)) return { problem: { ...problem, advice: resolved[0]?.message ?? problem.advice ?? "" }, frames: query.frames.map(frameOfText) };
    return { ...(build !== undefined && { release: build }), ...(buildId !== undefined && { buildId }), frames: resolved.map((frame) => frameAnswer(frame)) };
  } catch (error) {
    return failedAnswer(error, signal);
  }
}

/** The host that a stack's kernel runs on; the active one counts first. */
export function chooseHostOf(hosts: StackHosts, query: Pick<StackQuery, "build" | "buildId">): ReturnType<typeof chooseKernel> {
  const { active } = hosts;
  const ordered = [...hosts.connected()].sort((a, b) => Number(b.name === active?.name) - Number(a.name === active?.name));
  return chooseKernel(ordered.flatMap(({ name, state }) => (state.kind === "connected" ? [{ name, facts: state.facts }] : [])), query);
}
