/**
 * One line of `bpftrace -f json`. The shapes differ by version: 0.24 adds `count` beside `data`, runtime errors and more types, and writes
 * large integers as strings; until 0.23 empty lines come before the maps. Errors of the program are never JSON: they are text on stderr.
 */
import { parseBpftraceJson } from "../stacks/bpftraceJson";

export type BpftraceMessage =
  | { readonly type: "attached"; readonly probes: number }
  | { readonly type: "text"; readonly text: string }
  /** A map as printed: key, whose parts are joined by commas, to number. */
  | { readonly type: "map"; readonly name: string; readonly entries: readonly (readonly [key: string, count: number])[] }
  /** Events that its buffers had no room for. */
  | { readonly type: "lost"; readonly events: number }
  | { readonly type: "problem"; readonly text: string }
  /** Of a type that a program of ours does not produce. */
  | { readonly type: "other"; readonly name: string };

/** @returns undefined for an empty line; a line that cannot be read is a problem that quotes it. */
export function parseBpftraceMessage(line: string): BpftraceMessage | undefined {
  if (line.trim() === "") return undefined;
  const value = parseBpftraceJson(line);
  if (!isRecord(value) || typeof value["type"] !== "string") return { type: "problem", text: `not understood: ${line.slice(0, 200)}` };
  return messageOf(value["type"], value);
}

function messageOf(type: string, value: Readonly<Record<string, unknown>>): BpftraceMessage {
  const data = value["data"];
  switch (type) {
    case "attached_probes":
      return { type: "attached", probes: numberIn(data, "probes") ?? 0 };
    case "printf":
      return typeof data === "string" ? { type: "text", text: data } : { type: "other", name: type };
    case "map":
      return mapOf(data);
    case "lost_events":
      return { type: "lost", events: numberIn(data, "events") ?? numberIn(value, "count") ?? 1 };
    case "helper_error":
    case "runtime_error":
    case "errorf":
    case "warnf":
      return { type: "problem", text: problemText(type, value) };
    default:
      return { type: "other", name: type };
  }
}

/** A scalar map is a number, which is an entry with an empty key. */
function mapOf(data: unknown): BpftraceMessage {
  const [name, value] = isRecord(data) ? (Object.entries(data)[0] ?? []) : [];
  if (name === undefined) return { type: "other", name: "map" };
  const entries = isRecord(value) ? Object.entries(value) : [["", value] as const];
  return { type: "map", name, entries: entries.map(([key, count]) => [key, Number(count)] as const).filter(([, count]) => Number.isSafeInteger(count)) };
}

function problemText(type: string, value: Readonly<Record<string, unknown>>): string {
  const words = [value["msg"], value["data"], value["helper"]].find((word) => typeof word === "string");
  const code = numberIn(value, "retcode");
  return `${type}: ${words ?? "without words"}${code === undefined ? "" : ` (${code})`}`;
}

function numberIn(value: unknown, key: string): number | undefined {
  const number = isRecord(value) ? Number(value[key]) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);
