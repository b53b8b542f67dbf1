import type { ResetGroup, ResetTraceOptions, TraceSummary } from "../../collectors/resetModel";
import type { HostFacts } from "../../probes/hostFacts";

export interface SavedTrace {
  readonly host: string;
  readonly facts: HostFacts;
  readonly options: ResetTraceOptions;
  readonly summary: TraceSummary;
  readonly groups: readonly ResetGroup[];
}

/** A trace as a file: what was seen, where and how. Addresses are hex strings, `0x…`. */
export function traceJson(trace: SavedTrace): string {
  const file = { format: "knetscope-trace", version: 1, kind: "resets", ...trace };
  return `${JSON.stringify(file, (_key, value: unknown) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value), 2)}\n`;
}
