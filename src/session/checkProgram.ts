import { checkArguments } from "../bpftrace/bpftraceSyntax";
import { parseBpftraceVersion } from "../bpftrace/bpftraceVersion";
import { compilerFindings } from "../bpflang/compilerMessages";
import type { Finding } from "../bpflang/finding";
import { DomainError } from "../base/errors";
import type { Target } from "../target/target";

/**
 * Lets the target's own bpftrace read and compile a program; nothing of it is loaded or attached.
 *
 * @throws DomainError `bpftrace/missing`, and those of `Target`
 */
export async function compileOnTarget(target: Target, text: string, signal?: AbortSignal): Promise<readonly Finding[]> {
  const answer = await target.run({ argv: ["bpftrace", "--version"] }, signal).catch((error: unknown) => {
    throw error instanceof DomainError && error.code === "target/command-not-found" ? new DomainError("bpftrace/missing", "bpftrace is not installed on this host", target.name) : error;
  });
  const version = parseBpftraceVersion(Buffer.from(answer.stdout).toString());
  if (!version) throw new DomainError("bpftrace/missing", "bpftrace is not installed on this host", target.name);
  const result = await target.run({ argv: ["bpftrace", ...checkArguments(version), "-e", text], privilege: "root", env: { BPFTRACE_COLOR: "never" }, timeoutMs: 60_000 }, signal);
  const findings = compilerFindings(result.stderr, text);
  if (findings.length > 0 || result.code === 0) return findings;
  const words = result.stderr.trim().split("\n").at(-1) ?? "";
  return [{ start: 0, end: 0, code: "bpftrace", severity: "error", message: words === "" ? `bpftrace ended with exit status ${result.code ?? "unknown"}` : words, fixes: [] }];
}
