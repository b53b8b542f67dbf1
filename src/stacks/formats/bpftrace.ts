/**
 * bpftrace prints `f+N` with a **decimal** offset, no size and no module; in perf mode a tab and the address come first; unresolved frames are
 * `0xADDR`. Builds with blazesym (0.24 and later) add `@file:line` and `[inlined] f@file:line` lines. A map key is closed by `]: value` or `, comm]: value`.
 * In JSON, 0.24 and later erase the spaces of a key, so address and name are glued (src/output.cpp and src/ksyms.cpp of bpftrace).
 */
import { parseAddress, parseSize, type FrameParts } from "../parseFrame";
import { parsePlace } from "./place";
import { filler, frameReading, type Reading, type StackReader } from "./stackReader";

const place = String.raw`(?:@(?<file>[^\s@:][^\s:]*):(?<line>\d+))?`;
const plain = new RegExp(String.raw`^\s*(?:(?<bare>0x[0-9a-f]{8,16})|(?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>\d+))${place}\s*$`);
const inlined = new RegExp(String.raw`^\s*\[inlined\]\s*(?<symbol>[A-Za-z_][\w.$]*)${place}\s*$`);
const perf = new RegExp(
  String.raw`^\s*(?<address>[0-9a-f]{16})\s*(?:0x[0-9a-f]+|(?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>\d+))${place}(?<inlined>\s*\(inlined\))?\s*$`,
);

export const bpftracePerf: StackReader = {
  format: "bpftrace-perf",
  read(line, open) {
    const groups = perf.exec(line)?.groups;
    return groups ? frameReading(frameOf(groups, groups["inlined"] !== undefined)) : keyEdge(line, open !== undefined);
  },
};

export const bpftraceDefault: StackReader = {
  format: "bpftrace",
  read(line, open) {
    const groups = plain.exec(line)?.groups;
    if (groups) return open === undefined && groups["bare"] !== undefined && !/^\s/.test(line) ? undefined : frameReading(frameOf(groups, false));
    const inside = inlined.exec(line)?.groups;
    return inside ? frameReading(frameOf(inside, true)) : keyEdge(line, open !== undefined);
  },
};

/** After the stack the rest of its key follows, on several lines when a process has a line end in its name, and then the value. */
function keyEdge(line: string, open: boolean): Reading | undefined {
  if (!open) return undefined;
  const value = /\]: (\d+)\s*$/.exec(line)?.[1];
  if (value !== undefined) return { is: "end", count: Number(value) };
  return /^\s*-14\s*$|^,/.test(line) ? filler : undefined;
}

function frameOf(groups: Record<string, string | undefined>, isInlined: boolean): FrameParts {
  return {
    symbol: groups["symbol"],
    offset: parseSize(groups["offset"]),
    address: parseAddress(groups["address"] ?? groups["bare"]),
    source: parsePlace(groups["file"] && `${groups["file"]}:${groups["line"] ?? ""}`),
    ...(isInlined ? { kind: "inlined" as const } : {}),
  };
}
