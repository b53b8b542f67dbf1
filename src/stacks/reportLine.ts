/** What the lines above a trace in a kernel log say about it: the release, and for WARN and BUG the place itself. */
import type { SourcePlace } from "./stack";

export interface ReportNotes {
  /** Kernel release, as in `uname -r`. */
  readonly build?: string;
  /** The place a WARN or BUG names, with the function when it does. */
  readonly at?: { readonly symbol: string; readonly place: SourcePlace };
}

/** `CPU: 0 PID: 473 Comm: bash Not tainted 6.1.0-56-cloud-amd64 #1 …`; `WARNING: CPU: 3 PID: 1 at net/ipv4/tcp.c:123 f+0x1/0x2`; since 6.19 `WARNING: [cond] file:line at f+0x1/0x2, CPU#0: …`. */
export function parseReportLine(line: string): ReportNotes | undefined {
  const build = /(?:Not tainted|Tainted: [A-Z ]+?),? +(\d+\.\d+[^\s,]*) #/.exec(line)?.[1];
  if (build !== undefined) return { build };
  const warning =
    /^\s*WARNING: CPU: \d+ PID: \d+ at (?<file>[^\s:]+):(?<line>\d+) (?<symbol>[A-Za-z_][\w.$]*)\+0x/.exec(line)?.groups ??
    /^\s*WARNING: .*?(?<file>[^\s:]+):(?<line>\d+) at (?<symbol>[A-Za-z_][\w.$]*)\+0x/.exec(line)?.groups;
  if (warning?.["symbol"] === undefined || warning["file"] === undefined) return undefined;
  return { at: { symbol: warning["symbol"], place: { file: warning["file"], line: Number(warning["line"]) } } };
}
