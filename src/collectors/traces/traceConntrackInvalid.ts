import { explainInvalid } from "../../knowledge/explainInvalid";
import type { ConntrackFacts } from "../../probes/conntrackFacts";
import type { HostFacts } from "../../probes/hostFacts";
import type { TracerFacts } from "../../probes/tracerProbe";
import { shellLine } from "../../target/command";
import type { Collector, CollectorContext, Obstacle, TracePlan } from "./collector";
import { newToken } from "./ftraceCollector";
import { installRemedy } from "./installRemedy";
import { iptablesChanges, linesPerSecond, logCommand, nftChanges, reasonChanges, type LogChanges } from "./invalidLogCommand";
import { InvalidLogDecoder } from "./invalidLogDecoder";
import type { InvalidEvent } from "./invalidModel";
import type { TraceKindOf } from "./traceKind";
import type { TraceRequest } from "./traceRequest";

type InvalidRequest = Extract<TraceRequest, { kind: "conntrack-invalid" }>;
type Judge = (conntrack: ConntrackFacts, facts: HostFacts) => Obstacle | undefined;

/** What no way of logging gets around. */
function commonObstacle(conntrack: ConntrackFacts | undefined, { pid, netns, cgroup }: InvalidRequest): Obstacle | undefined {
  if (pid !== undefined || netns !== undefined || cgroup !== undefined) return { code: "trace/no-filter", sentence: "The kernel log cannot be filtered by process, network namespace or cgroup." };
  if (conntrack?.entries === undefined) return { code: "trace/no-conntrack", sentence: "Connection tracking (nf_conntrack) is not loaded on this host, so no packet can be INVALID." };
  if (!conntrack.isUsed) {
    return { code: "trace/no-conntrack", sentence: "Connection tracking is loaded but looks at nothing: no firewall or NAT rule here uses it, so no packet can be INVALID. A rule of ours would only switch it on." };
  }
  if (!conntrack.canLog) return { code: "trace/no-packet-log", sentence: "This kernel has no module that writes packets into its log (nf_log_syslog; before 5.13 nf_log_ipv4 and nf_log_ipv6)." };
  return undefined;
}

const nftObstacle: Judge = ({ nft }, facts) => {
  if (nft) return undefined;
  if (facts.programs["nft"] !== undefined) return { code: "trace/no-firewall-tool", sentence: "nft does not work with this kernel." };
  const remedy = installRemedy(facts, "nftables", "A small package. It changes no rules by itself.");
  return { code: "trace/no-firewall-tool", sentence: "nft is not installed on this host.", ...(remedy && { remedy }) };
};

const iptablesObstacle: Judge = ({ iptables }) => (iptables.length > 0 ? undefined : { code: "trace/no-firewall-tool", sentence: "iptables is not installed on this host." });

const sysctlObstacle: Judge = ({ logInvalid }) => (logInvalid !== undefined ? undefined : { code: "trace/no-conntrack", sentence: "This kernel has no net.netfilter.nf_conntrack_log_invalid." });

/** By the sysctl alone the logger's module has to be there before; it stays loaded. */
const loggerModule: readonly [string, ...string[]] = ["sh", "-c", "modprobe -q nf_log_syslog || modprobe nf_log_ipv4"];

const onlyReasons = ({ logger }: ConntrackFacts): LogChanges => ({ setUp: logger === undefined || logger === "NONE" ? [loggerModule] : [], reasons: [], undo: [], counters: [] });

function collector(tool: "nft" | "iptables" | "sysctl", judge: Judge, changes: (token: string, conntrack: ConntrackFacts) => LogChanges): Collector<InvalidRequest, InvalidEvent> {
  const obstacle = ({ conntrack }: TracerFacts, facts: HostFacts, request: InvalidRequest): Obstacle | undefined => commonObstacle(conntrack, request) ?? (conntrack && judge(conntrack, facts));
  return {
    tool,
    obstacle,
    plan: ({ target, tracer: { conntrack } }: CollectorContext, { port }) => {
      const known = conntrack ?? { isUsed: false, canLog: false, isInitial: false, nft: false, iptables: [] };
      const token = newToken();
      const own = changes(token, known);
      const why = reasonChanges(known.logInvalid);
      const all: LogChanges = { ...own, reasons: why.reasons, undo: [...own.undo, ...why.undo] };
      return Promise.resolve(logPlan(target.name, all, new InvalidLogDecoder({ ...(tool === "sysctl" ? {} : { token }), ...(port === undefined ? {} : { port }) }), known, tool));
    },
  };
}

function logPlan(host: string, changes: LogChanges, decoder: InvalidLogDecoder, { isInitial }: ConntrackFacts, tool: string): TracePlan<InvalidEvent> {
  const done = [...changes.setUp, ...changes.reasons];
  return {
    command: logCommand(changes),
    decoder,
    ...(done.length === 0 ? {} : { asks: { title: `Log INVALID packets on ${host}?`, detail: changeText(changes) } }),
    notes: [
      "Packets of this host's own network namespace are logged; what containers track in theirs is not.",
      ...(isInitial ? [] : ["Should this be a container's network namespace, its packets are logged only with net.netfilter.nf_log_all_netns=1 on its host (read with dmesg there)."]),
      ...(tool === "sysctl" ? ["Without a rule conntrack's own lines are all there is: packets it gives no reason for are not seen, and some that it names were let pass."] : []),
    ],
  };
}

/** What is done and taken back, word for word, and what it costs. */
function changeText({ setUp, reasons, undo }: LogChanges): string {
  return [
    "These commands are run there as root:", ...[...setUp, ...reasons].map((argv) => `  ${shellLine(argv)}`),
    "", "At the end, whatever brings it about, these take them back:", ...undo.map((argv) => `  ${shellLine(argv)}`),
    "", `Packets pass as before. Each INVALID one is a line in the kernel log and in whatever copies that to disk${setUp.length > 1 ? `, by the rule at most ${linesPerSecond} a second` : ""}${reasons.length > 0 ? "; conntrack's lines with the reason have no limit" : ""}.`,
  ].join("\n");
}

/** Packets that connection tracking calls INVALID. A rule finds them all, conntrack's own lines tell why. */
export const traceConntrackInvalid: TraceKindOf<InvalidRequest, InvalidEvent> = {
  question: () => ({ functions: [], conntrack: true }),
  collectors: [
    collector("nft", nftObstacle, nftChanges),
    collector("iptables", iptablesObstacle, (token, { iptables }) => iptablesChanges(token, iptables)),
    collector("sysctl", sysctlObstacle, (_token, conntrack) => onlyReasons(conntrack)),
  ],
  subject: {
    explain: ({ packet: { transport, flags, deviceIn, deviceOut }, reason, isCertain }) =>
      explainInvalid({ transport, isCertain, leaves: deviceIn === undefined && deviceOut !== undefined, ...(flags && { flags }), ...(reason === undefined ? {} : { reason }) }),
    distinguish: ({ packet: { transport, flags, deviceIn } }) => [transport, flags?.join(), deviceIn],
    ends: ({ packet: { source, destination } }) => ({ local: destination, remote: source }),
  },
};
