/**
 * A trace as a file: what was seen, where and how. Addresses are hex strings, `0x…`. Reading one again checks what it rests on; what a newer version
 * added is passed over.
 */
import { DomainError } from "../base/errors";
import type { TraceEvent, TraceGroup, TraceSummary } from "../collectors/traces/traceModel";
import { traceKinds, type TraceRequest } from "../collectors/traces/traceRequest";
import { resetCauseIds } from "../knowledge/cause";
import { resetKinds } from "../knowledge/resetFacts";
import type { HostFacts } from "../probes/hostFacts";
import { parseStackFrame } from "../stacks/exchange/stacksJson";
import type { StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";

export interface SavedTrace {
  readonly host: string;
  readonly facts: HostFacts;
  readonly request: TraceRequest;
  readonly summary: TraceSummary;
  readonly groups: readonly TraceGroup[];
}

export function traceJson(trace: SavedTrace): string {
  const file = { format: "knetscope-trace", version: 1, kind: trace.request.kind, ...trace };
  return `${JSON.stringify(file, (_key, value: unknown) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value), 2)}\n`;
}

export const isTraceJson = (value: unknown): boolean => isObject(value) && value["format"] === "knetscope-trace";

/** @throws DomainError `stacks/bad-trace`, `stacks/bad-json` with the place where it is not as we write it */
export function parseTrace(value: unknown): SavedTrace {
  const file = object(value, "file");
  const kind = traceKinds.find((known) => known === file["kind"]);
  if (file["version"] !== 1 || kind === undefined) throw bad("this version or kind of a trace is not known", "version");
  const summary = object(file["summary"], "summary");
  if (typeof file["host"] !== "string") throw bad("the host has no name", "host");
  return {
    host: file["host"],
    facts: object(file["facts"], "facts") as unknown as HostFacts,
    request: { ...object(file["request"], "request"), kind } as unknown as TraceRequest,
    summary: { messages: [], startedAt: 0, events: 0, lost: 0, ...summary, state: summary["state"] === "failed" ? "failed" : "ended" },
    groups: list(file["groups"], "groups").map((group, index) => parseGroup(group, `groups[${index}]`, eventTypes[kind])),
  };
}

const eventTypes = { resets: "reset", drops: "drop", function: "call", callgraph: "callgraph", packet: "path", "conntrack-invalid": "invalid" } as const satisfies Record<TraceRequest["kind"], TraceEvent["type"]>;

function parseGroup(value: unknown, where: string, type: TraceEvent["type"]): TraceGroup {
  const group = object(value, where);
  const event = object(group["event"], `${where}.event`);
  const explanation = object(group["explanation"], `${where}.explanation`);
  const cause = object(explanation["cause"], `${where}.explanation.cause`);
  if (type === "reset" && !resetCauseIds.some((id) => id === cause["id"])) throw bad("the cause is not known", `${where}.explanation.cause`);
  if (type === "reset" && !resetKinds.some((kind) => kind === event["kind"])) throw bad("the kind of a reset is not known", `${where}.event`);
  if (event["type"] !== type) throw bad(`an event of such a trace is a ${type}`, `${where}.event`);
  if (typeof group["count"] !== "number") throw bad("a group has no count", where);
  const frames = list(event["stack"], `${where}.event.stack`).map((frame, index) => parseFrameAt(frame, `${where}.event.stack[${index}]`));
  if (type === "callgraph") checkGraph(event, `${where}.event`);
  if (type === "path") for (const step of list(event["steps"], `${where}.event.steps`)) object(step, `${where}.event.steps`);
  if (event["process"] !== undefined) object(event["process"], `${where}.event.process`);
  const explained = { alternatives: [], evidence: [], ...explanation, cause };
  return {
    firstSeen: 0, lastSeen: 0, key: where, ...group, count: group["count"], explanation: explained as unknown as TraceGroup["explanation"], event: { ...event, stack: frames } as unknown as TraceEvent,
    stack: list(group["stack"], `${where}.stack`).map((frame, index) => parseResolved(frame, `${where}.stack[${index}]`)),
  };
}

/** Trees that are drawn: every node has a name, numbers and children. */
function checkGraph(event: Record<string, unknown>, where: string): void {
  const check = (value: unknown, children: string, numbers: readonly string[]): void => {
    const node = object(value, where);
    if (typeof node["symbol"] !== "string" || numbers.some((name) => typeof node[name] !== "number")) throw bad("a call has no name or no numbers", where);
    for (const child of list(node[children], where)) check(child, children, numbers);
  };
  if (typeof event["leftOut"] !== "number") throw bad("a number is missing", where);
  check(event["totals"], "children", ["calls", "unfinished", "totalNs", "selfNs", "longestNs"]);
  check(event["slowest"], "calls", []);
}

function parseFrameAt(value: unknown, where: string): StackFrame {
  try {
    return parseStackFrame(value, where);
  } catch (error) {
    throw new DomainError("stacks/bad-trace", (error as Error).message, where, { cause: error });
  }
}

function parseResolved(value: unknown, where: string): ResolvedFrame {
  const frame = object(value, where);
  const { address } = frame;
  if (typeof frame["input"] !== "string") throw bad("a frame has no text", where);
  const known = { status: "no-debuginfo", lookup: "caller", ...frame, frames: list(frame["frames"], `${where}.frames`) };
  return { ...known, ...(typeof address === "string" && /^0x[0-9a-f]{1,16}$/i.test(address) ? { address: BigInt(address) } : {}) } as unknown as ResolvedFrame;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function object(value: unknown, where: string): Record<string, unknown> {
  if (!isObject(value)) throw bad("an object is missing", where);
  return value;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw bad("a list is missing", where);
  return value;
}

const bad = (message: string, where: string): DomainError => new DomainError("stacks/bad-trace", message, where);
