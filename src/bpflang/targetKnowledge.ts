import { isAtLeast, type BpftraceVersion } from "../bpftrace/bpftraceVersion";
import type { TypeSet } from "../btf/typeSet";
import type { KernelFunctions } from "./kernelFunctions";
import { checkedVersions } from "./languageNames";
import type { Tracepoints } from "./tracepoints";

/** What is known of the machine a program is written for. Each part may be missing: then nothing is said that would need it. */
export interface TargetKnowledge {
  /** As the user calls it. */
  readonly name: string;
  /** uname -r */
  readonly release?: string;
  readonly version?: BpftraceVersion;
  readonly types?: TypeSet;
  readonly functions?: KernelFunctions;
  readonly tracepoints?: Tracepoints;
}

export const nothingKnown: TargetKnowledge = { name: "no host" };

export function parseVersion(text: string): BpftraceVersion {
  const [major = 0, minor = 0, patch = 0] = text.split(".").map(Number);
  return { major, minor, patch };
}

/** Whether the target's bpftrace is certainly older than what came with `since`. */
export function lacks({ version }: TargetKnowledge, since: string): boolean {
  if (!version) return false;
  const first = checkedVersions.findIndex((checked) => checked === since);
  // A name first seen in one release that was read may have come with any after the one read before it.
  const surely = first > 0 ? checkedVersions[first - 1] : undefined;
  return surely === undefined ? !isAtLeast(version, parseVersion(since)) : !isAtLeast(version, parseVersion(nextMinor(surely)));
}

const nextMinor = (text: string): string => {
  const { major, minor } = parseVersion(text);
  return `${major}.${minor + 1}.0`;
};

export const isAfter = ({ version }: TargetKnowledge, until: string): boolean => version !== undefined && isAtLeast(version, parseVersion(until));
