import { isAtLeast, type BpftraceVersion } from "./bpftraceVersion";

/**
 * What depends on bpftrace's version, in one table (bpftrace's CHANGELOG.md and docs/migration_guide.md). Programs are written in what every
 * version since `generatedPrograms` reads: no types but integers and pointers to them (kernelFields.ts says why), `->` only on arguments of tracepoints, no BEGIN or END
 * (stripped builds before 0.16 cannot run them), variables used in the block
 * where they are set (0.22 scopes them), numbers printed as they lie in memory (0.22 changed the width of arithmetic), maps with keys of numbers and a
 * stack at the end (text in keys is not escaped, and loses its spaces since 0.24).
 */
const since = {
  /** The oldest whose sources were read for this; it is Ubuntu 20.04's. */
  generatedPrograms: { major: 0, minor: 9, patch: 4 },
  /** A format of printf may have more than 63 bytes; before 0.11 it has at most six values as well. */
  longFormats: { major: 0, minor: 12, patch: 0 },
  /**
   * Arguments of skb:kfree_skb. Until 0.11 any tracepoint in a program includes linux/types.h, which few hosts have; after that the libbpf it was built with must understand
   * the kernel's BTF, where the enum of the reasons is. 0.17 is the oldest that was seen to read them.
   */
  tracepointArguments: { major: 0, minor: 17, patch: 0 },
  /** The hidden `--test codegen`; before, `-d` does the same and prints what it made. */
  testOption: { major: 0, minor: 12, patch: 0 },
  /** `--mode codegen` instead of the hidden `--test codegen`: reads and compiles a program, and loads nothing. */
  modeOption: { major: 0, minor: 25, patch: 0 },
  /** `--test-mode codegen`, in this one version. */
  testModeOption: { major: 0, minor: 24, patch: 0 },
} as const satisfies Record<string, BpftraceVersion>;

export type BpftraceFeature = keyof typeof since;

export const hasFeature = (version: BpftraceVersion, feature: BpftraceFeature): boolean => isAtLeast(version, since[feature]);

export const oldestBpftrace: BpftraceVersion = since.generatedPrograms;

/** What one printf takes. */
export interface PrintfLimits {
  /** Of its format. */
  readonly bytes: number;
  readonly values: number;
}

/** undefined: no limit that a record reaches. */
export const printfLimits = (version: BpftraceVersion): PrintfLimits | undefined => (hasFeature(version, "longFormats") ? undefined : { bytes: 63, values: 6 });

/** Arguments that check a program up to generated code: nothing is loaded or attached (`--dry-run` does both). */
export function checkArguments(version: BpftraceVersion): readonly string[] {
  if (hasFeature(version, "modeOption")) return ["--mode", "codegen"];
  if (hasFeature(version, "testModeOption")) return ["--test-mode", "codegen"];
  return hasFeature(version, "testOption") ? ["--test", "codegen"] : ["-d"];
}
