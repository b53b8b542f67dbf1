/** What a user's program prints, from the lines of `bpftrace -f json` (src/output.cpp; shapes of 0.9 to 0.26 in bpftraceMessage.ts). */
import { parseBpftraceJson } from "../stacks/bpftraceJson";

export interface Bucket {
  /** Absent in the first bucket of those below the range. */
  readonly min?: number;
  /** Absent in the last bucket of those above the range. */
  readonly max?: number;
  readonly count: number;
}

export interface MapEntry {
  /** Empty for a map without keys. May have several lines: a stack. */
  readonly key: string;
  readonly value: string;
}

export type ProgramOutput =
  | { readonly kind: "attached"; readonly probes: number }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "map"; readonly name: string; readonly entries: readonly MapEntry[] }
  | { readonly kind: "histogram"; readonly name: string; readonly key: string; readonly buckets: readonly Bucket[] }
  | { readonly kind: "lost"; readonly events: number }
  | { readonly kind: "problem"; readonly text: string };

/** What one line says; nothing for an empty one. A line that is no JSON is text: a program may print to standard output by itself (`cat`, `system`). */
export function parseProgramOutput(line: string): readonly ProgramOutput[] {
  if (line.trim() === "") return [];
  const value = parseBpftraceJson(line) ?? parseJson(line);
  if (!isRecord(value) || typeof value["type"] !== "string") return [{ kind: "text", text: `${line}\n` }];
  return outputsOf(value["type"], value["data"], value);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function outputsOf(type: string, data: unknown, message: Readonly<Record<string, unknown>>): readonly ProgramOutput[] {
  switch (type) {
    case "attached_probes":
      return [{ kind: "attached", probes: numberOf(isRecord(data) ? data["probes"] : undefined) ?? numberOf(message["count"]) ?? 0 }];
    case "lost_events":
      return [{ kind: "lost", events: numberOf(isRecord(data) ? data["events"] : undefined) ?? numberOf(message["count"]) ?? 1 }];
    case "map":
    case "stats":
      return isRecord(data) ? Object.entries(data).map(([name, content]) => ({ kind: "map", name, entries: entriesOf(type, content) })) : [];
    case "hist":
    case "lhist":
      return isRecord(data) ? Object.entries(data).flatMap(([name, content]) => histograms(name, content)) : [];
    case "helper_error":
    case "runtime_error":
    case "errorf":
    case "warnf":
      return [{ kind: "problem", text: [message["msg"], message["helper"], data].filter((part) => typeof part === "string").join(" ") || type }];
    case "value":
      return [{ kind: "text", text: `${valueText(data)}\n` }];
    default:
      return [{ kind: "text", text: typeof data === "string" ? data : `${valueText(data)}\n` }];
  }
}

function entriesOf(type: string, content: unknown): readonly MapEntry[] {
  const isOne = !isRecord(content) || (type === "stats" && "count" in content && "average" in content);
  if (isOne) return [{ key: "", value: valueText(content) }];
  return Object.entries(content).map(([key, value]) => ({ key, value: valueText(value) }));
}

function histograms(name: string, content: unknown): readonly ProgramOutput[] {
  if (Array.isArray(content)) return [{ kind: "histogram", name, key: "", buckets: content.flatMap(bucketOf) }];
  if (!isRecord(content)) return [];
  return Object.entries(content).flatMap(([key, buckets]) => (Array.isArray(buckets) ? [{ kind: "histogram" as const, name, key, buckets: buckets.flatMap(bucketOf) }] : []));
}

function bucketOf(value: unknown): readonly Bucket[] {
  if (!isRecord(value)) return [];
  const [min, max, count] = [numberOf(value["min"]), numberOf(value["max"]), numberOf(value["count"])];
  return [{ ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }), count: count ?? 0 }];
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return `(${value.map(valueText).join(", ")})`;
  if (isRecord(value)) return Object.entries(value).map(([name, part]) => `${name} ${valueText(part)}`).join(", ");
  return String(value);
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);
