import { DomainError } from "../base/errors";
import { functionProgram, placeProgram, type EntryStyle, type ProbedFunction } from "../bpftrace/frameProgram";
import { parseBpftraceVersion } from "../bpftrace/bpftraceVersion";
import type { BtfType } from "../btf/btf";
import { declaration } from "../btf/declaration";
import { underlying } from "../btf/typeSet";
import { bpftraceObstacle } from "../collectors/traces/bpftraceObstacle";
import { kernelTypes, moduleTypes } from "../collectors/traces/targetTypes";
import { runProbe } from "../probes/probe";
import { tracerProbe, type TracerFacts } from "../probes/tracerProbe";
import type { StackFrame } from "../stacks/stack";
import { formatFrame } from "../stacks/parseFrame";
import { lookupOf } from "../symbolize/framePlan";
import type { Target } from "../target/target";
import type { Host } from "./host";

export interface FrameProbe {
  readonly program: string;
  /** The function that is probed. */
  readonly symbol: string;
  /** Why it is not the one that was asked for, when it is another. */
  readonly note?: string;
}

type Probing = Pick<Host, "target" | "facts" | "resolve" | "checkProgram">;

/**
 * Writes a program that watches the function of a frame, or its very place, for the bpftrace and the kernel of a host. A frame that cannot be traced
 * gives way to the nearest one that can, callers first.
 *
 * @param frames a stack, innermost first
 * @throws DomainError `bpftrace/*` when nothing can be traced there, `stacks/untraceable` when no frame of the stack can
 */
export async function probeFrame(host: Probing, frames: readonly StackFrame[], at: number, what: "function" | "line", signal?: AbortSignal): Promise<FrameProbe> {
  const names = [...new Set(frames.flatMap(({ symbol }) => symbol ?? []))];
  const [facts, tracer] = await Promise.all([host.facts(), runProbe(host.target, tracerProbe({ functions: names }), signal)]);
  const obstacle = bpftraceObstacle(tracer, facts);
  const version = parseBpftraceVersion(tracer.bpftrace ?? "");
  if (obstacle || !version) throw new DomainError(obstacle?.code ?? "bpftrace/too-old", obstacle?.sentence ?? "the version of bpftrace is not known");
  const { index, note } = nearestTraceable(frames, at, what, tracer);
  const frame = frames[index];
  const symbol = frame?.symbol;
  if (!frame || symbol === undefined) throw new DomainError("stacks/untraceable", note ?? "no frame of this stack can be traced");
  const probed = await typedFunction(host.target, symbol, frame.module ?? tracer.functions.find(({ name }) => name === symbol)?.module, signal);
  const target = { release: facts.release, version };
  const program = what === "function" ? undefined : await placeOf(host, frame, signal);
  const write = (style: EntryStyle): string => (program ? placeProgram(probed, program, target, style) : functionProgram(probed, target, style));
  return { program: await firstThatCompiles(host, probed, write, signal), symbol, ...(note !== undefined && { note }) };
}

/** The frame itself, else the nearest of its callers, else the nearest it called. */
export function nearestTraceable(frames: readonly StackFrame[], at: number, what: "function" | "line", tracer: Pick<TracerFacts, "functions">): { readonly index: number; readonly note?: string } {
  const wanted = frames[at];
  if (!wanted) return { index: -1 };
  const reason = untraceable(wanted, what, tracer);
  if (reason === undefined) return { index: at };
  const order = [...frames.keys()].sort((a, b) => (a > at ? a : 2 * frames.length - a) - (b > at ? b : 2 * frames.length - b));
  const index = order.find((candidate) => candidate !== at && frames[candidate] !== undefined && untraceable(frames[candidate], what, tracer) === undefined) ?? -1;
  const other = frames[index]?.symbol;
  const relation = index > at ? "its nearest caller that can be" : "the nearest it called that can be";
  return { index, note: `${formatFrame(wanted)} ${reason}${other === undefined ? ", and neither can any other frame of this stack" : `; ${relation} is ${other}`}.` };
}

function untraceable({ symbol, kind, offset }: StackFrame, what: "function" | "line", { functions }: Pick<TracerFacts, "functions">): string | undefined {
  if (symbol === undefined) return "is an address without a name";
  if (kind === "inlined") return "was inlined: it has no code of its own";
  if (/\.cold\b/.test(symbol)) return "is the cold part of a function, which nothing calls";
  const found = functions.find(({ name }) => name === symbol);
  if (!found) return "is no function of this kernel or of a module that is loaded";
  if (found.isTraceable === false) return "cannot be traced: it is assembler or marked notrace";
  return what === "line" && offset === undefined ? "has no offset" : undefined;
}

async function typedFunction(target: Target, symbol: string, module: string | undefined, signal?: AbortSignal): Promise<ProbedFunction> {
  const kernel = await kernelTypes(target, signal).catch(() => undefined);
  const types = kernel && module !== undefined ? await moduleTypes(target, module, kernel, signal) : kernel;
  // A clone may have lost arguments: those of the function it was made from would be wrong ones.
  const proto = /[.$]/.test(symbol) ? undefined : types?.prototypeOf(symbol);
  const named = { symbol, ...(module !== undefined && { module }) };
  if (!proto) return named;
  const { owner } = proto;
  const parameters = owner.parameters(proto).map(({ name, type }) => ({ name, type: declaration(owner, type), is: shapeOf(underlying(owner.type(type))) }));
  return { ...named, prototype: { text: declaration(owner, proto.id, symbol), parameters } };
}

function shapeOf(type: BtfType | undefined): "pointer" | "number" | undefined {
  if (type?.kind === "pointer") return "pointer";
  return type?.kind === "int" || type?.kind === "enum" || type?.kind === "enum64" ? "number" : undefined;
}

async function placeOf(host: Probing, frame: StackFrame, signal?: AbortSignal): Promise<Parameters<typeof placeProgram>[1]> {
  const [resolved] = await host.resolve([frame], signal);
  const source = resolved?.frames.at(-1)?.source;
  return { offset: frame.offset ?? 0, afterCall: lookupOf(frame) === "caller", ...(source && { source: `${source.file}:${source.line}` }) };
}

/** Types that BTF only names, or a bpftrace without fentry, are found out by trying: the host's own compiler decides. */
async function firstThatCompiles(host: Probing, { prototype }: ProbedFunction, write: (style: EntryStyle) => string, signal?: AbortSignal): Promise<string> {
  const styles: readonly EntryStyle[] = prototype ? ["fentry", "kprobe", "plain"] : ["plain"];
  for (const style of styles) {
    const program = write(style);
    const findings = await host.checkProgram(program, signal);
    if (findings.every(({ severity }) => severity !== "error")) return program;
  }
  return write("plain");
}
