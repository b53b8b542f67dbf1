/** What the lines above a trace in a kernel log say about it: release and build id, and for WARN and BUG the place itself. */
import type { BuildId } from "../base/brands";
import { parseBuildId } from "./parseFrame";
import { parsePlace } from "./formats/place";
import type { SourcePlace } from "./stack";

export interface ReportNotes {
  /** Kernel release, as in `uname -r`. */
  readonly build?: string;
  /** Of the kernel: with CONFIG_STACKTRACE_BUILD_ID it stands after the version (lib/dump_stack.c). */
  readonly buildId?: BuildId | undefined;
  /** The place a WARN or BUG names, with the function when it does. */
  readonly at?: { readonly symbol?: string; readonly place: SourcePlace } | undefined;
}

const patterns = [
  /^\s*WARNING: CPU: \d+ PID: \d+ at (?<place>\S+:\d+)(?: (?<symbol>[A-Za-z_][\w.$]*)\+0x\S*)?/,
  /^\s*WARNING: .*?(?<place>[^\s:]+:\d+) at (?<symbol>[A-Za-z_][\w.$]*)\+0x/,
  /^\s*(?:kernel BUG at|BUG: failure at) (?<place>[^\s:]+:\d+)(?:!|\/(?<symbol>[A-Za-z_]\w*)\(\)!)/,
  /^\s*BUG: [\w ]+: .* in (?<symbol>[A-Za-z_][\w.$]*)(?:\+0x\S+)? (?<place>\S+\.[chS]:\d+)/,
];

/**
 * `CPU: 0 PID: 473 Comm: bash Not tainted 6.1.0-56-cloud-amd64 #1 …`; `WARNING: CPU: 3 PID: 1 at net/ipv4/tcp.c:123 f+0x1/0x2`;
 * since 6.19 `WARNING: [cond] file:line at f+0x1/0x2, CPU#0: …`; `kernel BUG at file:line!`; KASAN's `BUG: KASAN: … in f+0x1/0x2 file:line` once decoded.
 */
export function parseReportLine(line: string): ReportNotes | undefined {
  if (!/ainted|WARNING|BUG/.test(line)) return undefined;
  const version = /(?:Not tainted|Tainted: [A-Z ]+?),? +(\d+\.\d+[^\s,]*) #(?:\d+(?:-\S+)? ([0-9a-f]{40})\b)?/.exec(line);
  if (version?.[1] !== undefined) return { build: version[1], buildId: parseBuildId(version[2]) };
  for (const pattern of patterns) {
    const groups = pattern.exec(line)?.groups;
    const place = parsePlace(groups?.["place"]);
    if (place) return { at: { ...(groups?.["symbol"] === undefined ? {} : { symbol: groups["symbol"] }), place } };
  }
  return undefined;
}
