import { moduleName, parseAddress, parseBuildId, parseSize, type FrameParts } from "../parseFrame";
import { parsePlace } from "./place";

const place = String.raw`(?:\s+(?<place>[\w./-]+\.[chS]:\d+(?::\d+)?))?`;
const module = String.raw`(?:\s+\[(?<module>[\w-]+)(?:\s+(?<build>[0-9a-f]{8,64}))?\])?`;
const pattern = new RegExp(
  String.raw`^\s*(?:\[<(?<address>[0-9a-f]+)>\]\s+)?(?<doubt>\?\s+)?(?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>0x[0-9a-f]+)/(?<size>0x[0-9a-f]+)` +
    String.raw`${module}${place}(?:\s+\((?<note>unreliable|[A-Z]{1,4})\))?\s*$`,
);
/** syzkaller: `tcp_data_snd_check net/ipv4/tcp_input.c:5375 [inline]` stands before the frame that holds it. */
const inlined = /^\s*(?<symbol>[A-Za-z_][\w.$]*)\s+(?<place>[\w./-]+\.[chS]:\d+(?::\d+)?) \[inline\]\s*$/;
/** scripts/decode_stacktrace.sh: `f (file:line) module`, `f (file:line (inlined by) file:line (discriminator 2))`. */
const decoded = /^\s*(?:\[<(?<address>[0-9a-f]+)>\]\s+)?(?<doubt>\?\s+)?(?<symbol>[A-Za-z_][\w.$]*) \((?<places>\S+:\d+(?: \((?:inlined by|discriminator \d+)\)(?: \S+:\d+)?)*)\)(?:\s+\[?(?<module>[\w-]+)\]?)?(?:\s+\((?<note>[A-Z]{1,4})\))?\s*$/;

/**
 * `[<addr>] ? symbol+0xoffset/0xsize [module build-id] (unreliable)`: `%pS` and its relatives in lib/vsprintf.c,
 * as every architecture's show_stack prints them. arm64 adds how it came to the frame since 6.13 (arch/arm64/kernel/stacktrace.c):
 * `(P)` is the pc of saved registers, so exact. syzkaller puts `file:line` behind.
 */
export function parseLogFrame(line: string): FrameParts | undefined {
  const groups = pattern.exec(line)?.groups;
  return groups && frameOf(groups, parsePlace(groups["place"]));
}

/** What may also stand for a frame in a report that was decoded already: names with places, without offsets. */
export function parseReportFrame(line: string): FrameParts | undefined {
  const frame = parseLogFrame(line);
  if (frame || !/[:.]\w+/.test(line)) return frame;
  const inside = inlined.exec(line)?.groups;
  if (inside) return { symbol: inside["symbol"], source: parsePlace(inside["place"]), kind: "inlined" };
  const groups = decoded.exec(line)?.groups;
  return groups && frameOf(groups, parsePlace(lastPlace(groups["places"] ?? "")));
}

/** Of inlined places the innermost comes first; the last one lies in the function that is named. */
const lastPlace = (places: string): string | undefined => places.replaceAll(/ \(discriminator \d+\)/g, "").split(" (inlined by) ").at(-1);

function frameOf(groups: Record<string, string | undefined>, source: FrameParts["source"]): FrameParts {
  const note = groups["note"];
  return {
    symbol: groups["symbol"],
    offset: parseSize(groups["offset"]),
    size: parseSize(groups["size"]),
    module: moduleName(groups["module"]),
    buildId: parseBuildId(groups["build"]),
    address: parseAddress(groups["address"]),
    reliable: groups["doubt"] === undefined && note !== "unreliable",
    source,
    ...(note?.includes("P") ? { kind: "exact" as const } : {}),
  };
}
