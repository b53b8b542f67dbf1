/** sock_diag refused a protocol: which of the many reasons it was, and what can be done about it. */
import type { DumpOutcome } from "../netlink/dumpReader";
import { EAFNOSUPPORT, EINVAL, ENOENT, EOPNOTSUPP, EPROTONOSUPPORT, errnoText } from "../netlink/errnoName";
import { diagModuleProbe, type DiagModule, type DiagModuleState } from "../probes/diagModule";
import type { HostFacts } from "../probes/hostFacts";
import { runProbe } from "../probes/probe";
import { shellLine } from "../target/command";
import type { Target } from "../target/target";
import type { Finding, Remedy } from "./capability";
import { diagModuleOf } from "./diagModules";
import type { PumpOptions } from "./pumpLadder";
import { hasProcFile } from "./socketPlan";
import type { Protocol } from "../sockdiag/protocols";

export type DiagReason =
  | "no-permission" | "no-sock-diag" | "unknown-family" | "no-family" | "not-in-kernel" | "modules-disabled" | "module-absent" | "install-override" | "blacklisted" | "modprobe-path" | "not-loaded" | "unknown";

/** The finding `tcp-diag-missing` (or `udp-diag-missing`, `unix-diag-missing`) with its reason. */
export async function refusedFinding(target: Target, facts: HostFacts, protocol: Protocol, outcome: DumpOutcome, options: PumpOptions = {}): Promise<Finding> {
  const state = await runProbe(target, diagModuleProbe(diagModuleOf(protocol), facts.release), options.signal);
  return explainRefusal(protocol, outcome, state, facts.release);
}

export function explainRefusal(protocol: Protocol, outcome: DumpOutcome, state: DiagModuleState, release: string): Finding {
  const known = diagModuleOf(protocol);
  const reason = refusalReason(outcome, state, known);
  const remedy = remedyFor(reason, known, state);
  return {
    id: `${protocol}-diag-missing`,
    severity: protocol === "tcp" || protocol === "udp" ? "warning" : "info",
    title: reason === "no-family" ? `There are no ${known.family} sockets: ${titles[reason]}` : `${known.module} is not usable: ${titles[reason]}`,
    detail: [explain(reason, known, state, release), ...(reason === "no-family" ? [] : [cost(protocol)])].join(" "),
    evidence: [answerText(outcome), ...evidenceOf(state)],
    ...(remedy && { remedy }),
  };
}

export function refusalReason(outcome: DumpOutcome, state: DiagModuleState, { option }: Pick<DiagModule, "option">): DiagReason {
  const { errno } = outcome;
  if (errno === 1 || errno === 13) return "no-permission";
  if (errno === EPROTONOSUPPORT || errno === EAFNOSUPPORT) return "no-sock-diag";
  if (errno === EINVAL || errno === EOPNOTSUPP) return "unknown-family";
  const config = state.kernelConfig;
  if (errno !== ENOENT) return "unknown";
  if (state.familyThere === false) return "no-family";
  if ((option.startsWith("CONFIG_INET_") && config["CONFIG_INET_DIAG"] === "n") || config[option] === "n") return "not-in-kernel";
  if (state.loaded || state.builtIn) return "unknown";
  if (config["CONFIG_MODULES"] === "n" || state.modprobePath === undefined) return "not-in-kernel";
  if (state.modulesDisabled) return "modules-disabled";
  if (state.file === undefined) return "module-absent";
  if (state.configuration.some((line) => line.startsWith("install "))) return "install-override";
  if (state.configuration.some((line) => line.startsWith("blacklist "))) return "blacklisted";
  return state.modprobeRuns ? "not-loaded" : "modprobe-path";
}

const titles: Readonly<Record<DiagReason, string>> = {
  "no-permission": "not permitted",
  "no-sock-diag": "the kernel has no sock_diag",
  "unknown-family": "the kernel does not understand the question",
  "no-family": "the kernel has no such protocol now",
  "not-in-kernel": "the kernel was built without it",
  "modules-disabled": "loading of modules is switched off",
  "module-absent": "its file is not installed",
  "install-override": "modprobe is told not to load it",
  blacklisted: "it is blacklisted",
  "modprobe-path": "the kernel cannot run modprobe",
  "not-loaded": "it is not loaded",
  unknown: "the kernel refuses although it is there",
};

function explain(reason: DiagReason, { module, family, option }: DiagModule, state: DiagModuleState, release: string): string {
  switch (reason) {
    case "no-permission": return "The kernel does not let this user open a sock_diag socket; a security policy (SELinux, seccomp, AppArmor) may forbid it.";
    case "no-sock-diag": return `There is no NETLINK_SOCK_DIAG to ask: the kernel ${release} is older than 3.3, or a sandbox stands in its place (gVisor, a seccomp profile).`;
    case "unknown-family": return `sock_diag is there, but it refuses a question about this family and protocol: the kernel ${release} is older than that question, or a sandbox answers in its place.`;
    case "no-family": return `${family} is not in /proc/net/protocols: it is not built into the kernel ${release} and no module of it is loaded, so no socket of it can be open and none is missing here.`;
    case "not-in-kernel": return `The running kernel ${release} has no ${module}, neither built in nor as a module it could load.`;
    case "modules-disabled": return "kernel.modules_disabled is 1, and that cannot be taken back before the next boot; the module must be loaded before it is set.";
    case "module-absent": return `There is no ${module} under /lib/modules/${release}: the kernel was built without it (${option}), the package with its further modules is not installed, or the running kernel's modules were removed by an upgrade (reboot into the new kernel then).`;
    case "install-override": return `modprobe's configuration replaces the loading by a command: “${state.configuration.find((line) => line.startsWith("install ")) ?? ""}”.`;
    case "blacklisted": return `modprobe's configuration says “${state.configuration.find((line) => line.startsWith("blacklist ")) ?? ""}”, so the kernel's own request for it is ignored. Loading it by name still works.`;
    case "modprobe-path": return `The kernel loads modules by ${state.modprobePath === "" ? "nothing: kernel.modprobe is empty" : `${state.modprobePath ?? ""}, which cannot be executed`}. Loading it by hand still works.`;
    case "not-loaded": return "The kernel asked for it and did not get it; loading it by name may work or say why not.";
    case "unknown": return state.loaded || state.builtIn ? `${module} is ${state.loaded ? "loaded" : "built in"}, and still the kernel refuses.` : `The kernel refuses with an error that does not speak of ${module}.`;
  }
}

function cost(protocol: Protocol): string {
  if (protocol === "tcp") return "Until then sockets are read from /proc/net/tcp: how many connections wait is known, the limits of accept queues and the drops of listeners are not.";
  const { family } = diagModuleOf(protocol);
  return hasProcFile(protocol) ? `Until then ${family} sockets are read from /proc/net/${protocol}.` : `Until then no ${family} sockets are shown, although some may be open.`;
}

function remedyFor(reason: DiagReason, { module, option }: DiagModule, state: DiagModuleState): Remedy | undefined {
  const price = "Adds a small module to the running kernel; it stays until the next boot.";
  const load = (...argv: [string, ...string[]]): Remedy => ({ title: `Load module ${module}`, command: shellLine(argv), argv, changesHost: true, price });
  switch (reason) {
    case "blacklisted":
    case "modprobe-path":
    case "not-loaded":
      return load("modprobe", module);
    case "install-override":
      return { ...load("modprobe", ...ignoreInstall(module, state)), price: `${price} It goes against the configuration of this host.` };
    case "no-permission": return advise("Connect as root, or let this user open netlink sockets in the host's security policy");
    case "modules-disabled": return advise(`Reboot the host, with ${module} in /etc/modules-load.d so that it is loaded before kernel.modules_disabled is set`);
    case "module-absent": return advise("Install the package with the modules of the running kernel (Ubuntu: linux-modules-extra, Fedora and RHEL: kernel-modules), or reboot into the kernel that is installed");
    case "not-in-kernel": return advise(`Boot a kernel that is built with ${option}`);
    case "no-sock-diag":
    case "unknown-family": return advise("Look at the host itself instead of the sandbox, or boot a newer kernel");
    case "no-family":
    case "unknown":
      return undefined;
  }
}

/** What only a person can do. */
const advise = (title: string): Remedy => ({ title, changesHost: false });

/** --ignore-install counts for the modules named, not for those they need. */
const ignoreInstall = (module: string, state: DiagModuleState): string[] =>
  state.configuration.some((line) => /^install inet.diag/.test(line)) ? ["-a", "--ignore-install", "inet_diag", module] : ["--ignore-install", module];

function answerText({ errno = 0, errorIn }: DumpOutcome): string {
  const where = errorIn === "done" ? "at the end of an empty list (the family is known, the protocol is not)" : "at once (the whole family is not known)";
  return `The kernel answered ${errnoText(errno)} ${where}.`;
}

function evidenceOf(state: DiagModuleState): string[] {
  const config = Object.entries(state.kernelConfig).map(([name, value]) => `${name}=${value}`);
  return [
    `${state.module} is ${state.loaded ? "loaded" : "not in /proc/modules"}.`,
    state.file === undefined ? `modules.dep names no file of ${state.module} that exists.` : `Its file is ${state.file}.`,
    ...state.configuration.map((line) => `modprobe configuration: ${line}.`),
    ...(state.modprobePath === undefined ? [] : [`kernel.modprobe is “${state.modprobePath}”, ${state.modprobeRuns ? "which can be executed" : "which cannot be executed"}.`]),
    ...(state.modulesDisabled ? ["kernel.modules_disabled is 1."] : []),
    ...(config.length > 0 ? [`Kernel configuration: ${config.join(", ")}.`] : []),
  ];
}
