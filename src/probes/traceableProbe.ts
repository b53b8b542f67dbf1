/** What can be traced on a host: its bpftrace, the functions and tracepoints of its kernel, the types of its modules. */
import { gunzipSync } from "node:zlib";
import { DomainError } from "../base/errors";
import { shellScript, type Command, type CommandResult } from "../target/command";
import type { Probe } from "./probe";

export interface Traceable {
  /** What `bpftrace --version` prints; empty where there is none. */
  readonly bpftrace: string;
  /** Lines of available_filter_functions, or of the functions of kallsyms in the same form where tracefs is not readable. */
  readonly functions: string;
  /** Lines of all formats below events/, each after its file; empty where tracefs is not readable. */
  readonly tracepoints: string;
}

/** tracefs is readable for root only; without it kallsyms has the functions, and nothing has the formats. */
const script = `t=/sys/kernel/tracing; [ -r "$t/available_filter_functions" ] || t=/sys/kernel/debug/tracing
pack() { if command -v gzip >/dev/null 2>&1; then gzip -1 -c; else cat; fi; }
{ echo "@bpftrace"; if command -v bpftrace >/dev/null 2>&1; then bpftrace --version 2>/dev/null; fi
echo "@functions"; if [ -r "$t/available_filter_functions" ]; then cat "$t/available_filter_functions"; else sed -n 's/^[^ ]* [tT] //p' /proc/kallsyms; fi
echo "@tracepoints"; if [ -r "$t/events" ]; then cd "$t/events" && find . -name format -exec grep -H -E '^(name|print fmt|.field):' {} +; fi
echo "@end"; } | pack`;

const command: Command = { argv: shellScript(script), timeoutMs: 120_000 };

/** @param privilege as `root` where that is possible: without it there are no tracepoints */
export const traceableProbe = (privilege: "root" | "user"): Probe<Traceable> => ({ command: { ...command, privilege }, parse: parseTraceable });

function parseTraceable(result: CommandResult): Traceable {
  const text = Buffer.from(unpacked(result.stdout)).toString();
  const match = /^@bpftrace\n([^]*?)@functions\n([^]*?)@tracepoints\n([^]*?)@end\n$/.exec(text);
  if (!match) throw new DomainError("probe/bad-answer", `the host did not tell what it can trace: ${result.stderr.trim() || `exit status ${result.code ?? "unknown"}`}`);
  const [, bpftrace = "", functions = "", tracepoints = ""] = match;
  return { bpftrace: bpftrace.trim(), functions, tracepoints };
}

/** Types of all modules that are loaded, by name. Readable by everybody; a few KB each. */
export const moduleTypesProbe: Probe<ReadonlyMap<string, Uint8Array>> = {
  command: {
    argv: shellScript(`cd /sys/kernel/btf || exit 0
{ for f in *; do [ "$f" = vmlinux ] && continue; [ -r "$f" ] && echo "$f $(wc -c <"$f")" && cat "$f"; done; } | if command -v gzip >/dev/null 2>&1; then gzip -1 -c; else cat; fi`),
    timeoutMs: 60_000,
  },
  parse: ({ stdout }) => splitModules(unpacked(stdout)),
};

const unpacked = (bytes: Uint8Array): Uint8Array => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);

function splitModules(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const modules = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf(10, at);
    const match = /^(\S+) +(\d+)$/.exec(Buffer.from(bytes.subarray(at, lineEnd < 0 ? bytes.length : lineEnd)).toString());
    if (!match || lineEnd < 0) break;
    const size = Number(match[2]);
    modules.set(match[1] ?? "", bytes.slice(lineEnd + 1, lineEnd + 1 + size));
    at = lineEnd + 1 + size;
  }
  return modules;
}
