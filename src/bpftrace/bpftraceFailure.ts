/** What bpftrace says on stderr when it cannot go on. Errors are never JSON; a line may be glued to an unfinished one before it. */
import { DomainError } from "../base/errors";

const kinds: readonly (readonly [RegExp, string])[] = [
  [/only supports running as the root user|requires CAP_BPF|must be run as root/i, "bpftrace/not-root"],
  [/[Ll]ockdown/, "bpftrace/lockdown"],
  [/Error attaching probe|[Cc]ould not attach|failed to attach|Unable to attach|not traceable.*ERROR/s, "bpftrace/attach-failed"],
  [/Error loading (?:BPF )?program|BPF program load failed|verifier/i, "bpftrace/load-failed"],
  [/command not found|not found: bpftrace/, "bpftrace/missing"],
  [/'linux\/types\.h' file not found/, "bpftrace/no-headers"],
  [/does not contain a field named|Unknown struct\/union|Cannot resolve unknown type/, "bpftrace/unknown-type"],
  [/ERROR: syntax error|ERROR: Unknown|^\S+:\d+:\d+-\d+: ERROR/m, "bpftrace/program-refused"],
];

/** Lines that every run may print and that mean nothing for us; the markings under a quoted source line too. */
const noise = /couldn't set RLIMIT_MEMLOCK|Error while reading traceable functions|^Attach(?:ing|ed) \d+ probes?|^\s*~+\s*$|^\s*$|is not traceable \(either non-existing|modprobe: FATAL: Module kheaders not found/;

export const isNoise = (line: string): boolean => noise.test(line);

/** The error for a bpftrace that ended by itself; `words`: what it printed on stderr. */
export function bpftraceFailure(exit: { readonly code?: number; readonly signal?: string }, words: readonly string[], where: string): DomainError {
  const text = words.join("\n");
  const code = kinds.find(([pattern]) => pattern.test(text))?.[1] ?? (isCrash(exit) ? "bpftrace/crashed" : "bpftrace/failed");
  const errors = words.filter((line) => /ERROR|FATAL|BUG|error/.test(line));
  const spoken = (errors.length > 0 ? errors : words).slice(-3).join("; ");
  const how = exit.signal === undefined ? `exit status ${exit.code ?? "unknown"}` : `ended by signal ${exit.signal}`;
  return new DomainError(code, `bpftrace failed (${how})${spoken === "" ? "" : `: ${spoken}`}`, where);
}

/** A shell reports a child that died of a signal as 128 + its number; SIGPIPE (13) is a reader that went away. */
const isCrash = ({ code, signal }: { readonly code?: number; readonly signal?: string }): boolean => signal !== undefined || (code !== undefined && code > 128 && code < 160);
