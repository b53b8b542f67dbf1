import { moduleName, parseAddress, parseBuildId, parseSize, type FrameParts } from "../parseFrame";

const pattern =
  /^\s*(?:\[<(?<address>[0-9a-f]+)>\]\s+)?(?<doubt>\?\s+)?(?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>0x[0-9a-f]+)\/(?<size>0x[0-9a-f]+)(?:\s+\[(?<module>[\w-]+)(?:\s+(?<build>[0-9a-f]{8,64}))?\])?(?:\s+\((?<note>unreliable|[A-Z]{1,4})\))?\s*$/;

/**
 * `[<addr>] ? symbol+0xoffset/0xsize [module build-id] (unreliable)`: `%pS` and its relatives in lib/vsprintf.c,
 * as every architecture's show_stack prints them. arm64 adds how it came to the frame since 6.13 (arch/arm64/kernel/stacktrace.c):
 * `(P)` is the pc of saved registers, so exact.
 */
export function parseLogFrame(line: string): FrameParts | undefined {
  const groups = pattern.exec(line)?.groups;
  if (!groups) return undefined;
  const note = groups["note"];
  return {
    symbol: groups["symbol"],
    offset: parseSize(groups["offset"]),
    size: parseSize(groups["size"]),
    module: moduleName(groups["module"]),
    buildId: parseBuildId(groups["build"]),
    address: parseAddress(groups["address"]),
    reliable: groups["doubt"] === undefined && note !== "unreliable",
    ...(note?.includes("P") ? { kind: "exact" as const } : {}),
  };
}
