import { hasFeature, oldestBpftrace } from "../../bpftrace/bpftraceSyntax";
import { formatBpftraceVersion, parseBpftraceVersion } from "../../bpftrace/bpftraceVersion";
import type { HostFacts } from "../../probes/hostFacts";
import type { TracerFacts } from "../../probes/tracerProbe";
import type { Obstacle } from "./collector";
import { installRemedy } from "./installRemedy";

/** What keeps bpftrace from running a program of ours on this host. */
export function bpftraceObstacle(tracer: TracerFacts, facts: HostFacts): Obstacle | undefined {
  if (tracer.bpftrace === undefined) {
    const remedy = installRemedy(facts, "bpftrace", "A package of about 100 MB with its libraries.");
    return { code: "bpftrace/missing", sentence: "bpftrace is not installed on this host.", ...(remedy && { remedy }) };
  }
  const version = parseBpftraceVersion(tracer.bpftrace);
  if (!version || !hasFeature(version, "generatedPrograms")) {
    return { code: "bpftrace/too-old", sentence: `bpftrace ${versionText(tracer)} is too old: ${formatBpftraceVersion(oldestBpftrace)} is the first that will do.` };
  }
  return lockdownObstacle(tracer) ?? kprobeObstacle(tracer) ?? btfObstacle(tracer);
}

export const lockdownObstacle = ({ lockdown }: TracerFacts): Obstacle | undefined =>
  lockdown === "confidentiality" ? { code: "bpftrace/lockdown", sentence: "The kernel is locked down (confidentiality), which forbids tracing." } : undefined;

export const kprobeObstacle = ({ hasKprobes }: TracerFacts): Obstacle | undefined =>
  hasKprobes ? undefined : { code: "bpftrace/no-kprobes", sentence: "This kernel has no kprobes, or tracefs is not mounted." };

const btfObstacle = ({ hasBtf }: TracerFacts): Obstacle | undefined =>
  hasBtf ? undefined : { code: "bpftrace/no-btf", sentence: "This kernel has no BTF (/sys/kernel/btf/vmlinux), so the fields of its structures cannot be read." };

export const versionText = ({ bpftrace = "" }: TracerFacts): string => {
  const version = parseBpftraceVersion(bpftrace);
  return version ? formatBpftraceVersion(version) : "of an unknown version";
};
