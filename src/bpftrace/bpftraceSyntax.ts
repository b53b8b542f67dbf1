import { isAtLeast, type BpftraceVersion } from "./bpftraceVersion";

/**
 * What depends on bpftrace's version, in one table (bpftrace's CHANGELOG.md and docs/migration_guide.md). Programs are written in what every
 * version since `generatedPrograms` reads: `->` on pointers, no BEGIN or END (stripped builds before 0.16 cannot run them), variables used in the block
 * where they are set (0.22 scopes them), numbers printed as they lie in memory (0.22 changed the width of arithmetic), maps with keys of numbers and a
 * stack at the end (text in keys is not escaped, and loses its spaces since 0.24).
 */
const since = {
  /** Formats of more than 63 bytes, which a record has and 0.11 refuses whatever BPFTRACE_STRLEN says; before that also `-f json`, `kstack(perf)`, types from BTF, `ntop` of arrays. */
  generatedPrograms: { major: 0, minor: 12, patch: 0 },
  /** `--mode codegen` instead of the hidden `--test codegen`: reads and compiles a program, and loads nothing. */
  modeOption: { major: 0, minor: 25, patch: 0 },
  /** `--test-mode codegen`, in this one version. */
  testModeOption: { major: 0, minor: 24, patch: 0 },
} as const satisfies Record<string, BpftraceVersion>;

export type BpftraceFeature = keyof typeof since;

export const hasFeature = (version: BpftraceVersion, feature: BpftraceFeature): boolean => isAtLeast(version, since[feature]);

export const oldestBpftrace: BpftraceVersion = since.generatedPrograms;

/** Arguments that check a program up to generated code: nothing is loaded or attached (`--dry-run` does both). */
export function checkArguments(version: BpftraceVersion): readonly string[] {
  if (hasFeature(version, "modeOption")) return ["--mode", "codegen"];
  return hasFeature(version, "testModeOption") ? ["--test-mode", "codegen"] : ["--test", "codegen"];
}
