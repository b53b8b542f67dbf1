/**
 * Traces resets by bpftrace on the target. The program is generated for the functions and types that this kernel has; its records come as lines
 * of JSON. bpftrace says that it attaches long before it has, so the trace is ready with the first tick of the program itself.
 */
import { hasFeature, oldestBpftrace } from "../bpftrace/bpftraceSyntax";
import { formatBpftraceVersion, parseBpftraceVersion } from "../bpftrace/bpftraceVersion";
import { resetFunctions, resetProgram } from "../bpftrace/resetProgram";
import { DomainError, errorCode } from "../base/errors";
import type { HostFacts } from "../probes/hostFacts";
import { runProbe } from "../probes/probe";
import { tracerProbe, type TracerFacts } from "../probes/tracerProbe";
import type { StackFrame } from "../stacks/stack";
import type { Target } from "../target/target";
import type { Capability, Remedy } from "./capability";
import type { ResetEvent, ResetTraceOptions } from "./resetModel";
import { readResetProbes, reasonEnum } from "./resetProbes";
import { RunningResetTrace } from "./runningResetTrace";

/** What the host has for tracing resets. One round trip; valid until the next boot or module load. */
export const readTracerFacts = (target: Target, signal?: AbortSignal): Promise<TracerFacts> =>
  runProbe(target, tracerProbe(resetFunctions, reasonEnum), signal);

/** Whether resets can be traced here, with the reason and remedy where not. Only a lost link rejects. */
export async function canTraceResets(target: Target, facts: HostFacts, signal?: AbortSignal): Promise<Capability> {
  try {
    return tracingCapability(await readTracerFacts(target, signal), facts);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "target/no-sudo" && code !== "target/wrong-password") throw error;
    return notOk(`Tracing needs root: ${(error as Error).message}.`);
  }
}

/** The judgement of `canTraceResets` on facts that are at hand. */
export function tracingCapability(tracer: TracerFacts, facts: HostFacts): Capability {
  const obstacle = findObstacle(tracer);
  if (!obstacle) return { id: "trace-resets", title, ok: true, reason: `bpftrace ${versionText(tracer)} probes ${tracer.functions.map(({ name }) => name).join(", ")}.` };
  return notOk(obstacle.sentence, obstacle.code === "bpftrace/missing" ? installRemedy(facts) : undefined);
}

export interface ResetTracerOptions extends ResetTraceOptions {
  /** Of an earlier `readTracerFacts`; else they are read. */
  readonly tracerFacts?: TracerFacts;
  /** Puts right what bpftrace names wrongly: symbols of modules loaded after it read kallsyms, and of BPF programs. */
  readonly symbolize?: (frame: StackFrame) => StackFrame;
}

/**
 * Starts the tracer. The result is there once bpftrace runs; `ready` tells when it is attached, and rejects with what stood in the way.
 *
 * @throws DomainError `bpftrace/missing`, `bpftrace/too-old`, `bpftrace/no-btf`, `bpftrace/no-kprobes`, `bpftrace/lockdown`, `bpftrace/no-functions`, and those of `Target`
 */
export async function startResetTrace(
  target: Target,
  facts: HostFacts,
  options: ResetTracerOptions,
  onEvent: (event: ResetEvent) => void,
  signal?: AbortSignal,
): Promise<RunningResetTrace> {
  const tracer = options.tracerFacts ?? (await readTracerFacts(target, signal));
  const obstacle = findObstacle(tracer);
  if (obstacle) throw new DomainError(obstacle.code, obstacle.sentence, target.name);
  const { probes, reasons } = await readResetProbes(target, tracer, signal);
  const program = resetProgram({
    probes,
    endianness: facts.endianness,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  const command = await target.start({ argv: ["bpftrace", "-f", "json", "-e", program], privilege: "root" }, signal);
  return new RunningResetTrace(command, {
    where: target.name,
    endianness: facts.endianness,
    reasons,
    onEvent,
    ...(options.symbolize && { symbolize: options.symbolize }),
    ...(options.durationMs === undefined ? {} : { durationMs: options.durationMs }),
  }, signal);
}

const title = "Trace TCP resets";

const notOk = (reason: string, remedy?: Remedy): Capability => ({ id: "trace-resets", title, ok: false, reason, ...(remedy && { remedy }) });

interface Obstacle {
  readonly code: string;
  readonly sentence: string;
}

function findObstacle(tracer: TracerFacts): Obstacle | undefined {
  if (tracer.bpftrace === undefined) return { code: "bpftrace/missing", sentence: "bpftrace is not installed on this host." };
  const version = parseBpftraceVersion(tracer.bpftrace);
  if (!version || !hasFeature(version, "generatedPrograms")) {
    return { code: "bpftrace/too-old", sentence: `bpftrace ${versionText(tracer)} is too old: ${formatBpftraceVersion(oldestBpftrace)} is the first that will do.` };
  }
  if (tracer.lockdown === "confidentiality") return { code: "bpftrace/lockdown", sentence: "The kernel is locked down (confidentiality), which forbids tracing." };
  if (!tracer.hasKprobes) return { code: "bpftrace/no-kprobes", sentence: "This kernel has no kprobes, or tracefs is not mounted." };
  if (!tracer.hasBtf) return { code: "bpftrace/no-btf", sentence: "This kernel has no BTF (/sys/kernel/btf/vmlinux), so the fields of its sockets cannot be read." };
  if (tracer.functions.length === 0) return { code: "bpftrace/no-functions", sentence: `This kernel has none of ${resetFunctions.join(", ")}.` };
  return undefined;
}

const versionText = ({ bpftrace = "" }: TracerFacts): string => {
  const version = parseBpftraceVersion(bpftrace);
  return version ? formatBpftraceVersion(version) : "of an unknown version";
};

const installers: readonly (readonly [RegExp, readonly [string, ...string[]]])[] = [
  [/^(?:debian|ubuntu|linuxmint|raspbian)$/, ["apt-get", "install", "-y", "bpftrace"]],
  [/^(?:fedora|rhel|centos|rocky|almalinux|ol|amzn)$/, ["dnf", "install", "-y", "bpftrace"]],
  [/suse/, ["zypper", "--non-interactive", "install", "bpftrace"]],
  [/^alpine$/, ["apk", "add", "bpftrace"]],
  [/^arch$/, ["pacman", "-S", "--noconfirm", "bpftrace"]],
];

function installRemedy({ os }: HostFacts): Remedy | undefined {
  const argv = installers.find(([pattern]) => pattern.test(os.id))?.[1];
  return argv && { title: "Install bpftrace", argv, command: argv.join(" "), changesHost: true, price: "A package of about 100 MB with its libraries." };
}
