import { explainInvalid } from "../../knowledge/explainInvalid";
import { noConntrackFacts, type ConntrackFacts } from "../../probes/conntrackFacts";
import type { HostFacts } from "../../probes/hostFacts";
import type { TracerFacts } from "../../probes/tracerProbe";
import type { Collector, CollectorContext, Obstacle, TracePlan } from "./collector";
import { newToken } from "./ftraceCollector";
import { nftObstacle } from "./firewallObstacles";
import { namespaceLine } from "./inNamespace";
import { changesIn, iptablesChanges, linesPerSecond, logCommand, nftChanges, reasonChanges, type LogChanges } from "./invalidLogCommand";
import { loadLogger } from "./kernelLogScript";
import { InvalidLogDecoder } from "./invalidLogDecoder";
import type { InvalidEvent } from "./invalidModel";
import type { TraceKindOf } from "./traceKind";
import type { TraceRequest } from "./traceRequest";

type InvalidRequest = Extract<TraceRequest, { kind: "conntrack-invalid" }>;
type Judge = (conntrack: ConntrackFacts, facts: HostFacts) => Obstacle | undefined;

/** What no way of logging gets around. */
function commonObstacle(conntrack: ConntrackFacts | undefined, { pid, cgroup, netns }: InvalidRequest): Obstacle | undefined {
  if (pid !== undefined || cgroup !== undefined) return { code: "trace/no-filter", sentence: "The kernel log cannot be filtered by process or cgroup." };
  if (conntrack?.entries === undefined) return { code: "trace/no-conntrack", sentence: `Connection tracking (nf_conntrack) is not loaded ${netns === undefined ? "on this host" : `there, or there is no network namespace ${netns}`}, so no packet can be INVALID.` };
  if (!conntrack.isUsed) {
    return { code: "trace/no-conntrack", sentence: "Connection tracking is loaded but looks at nothing: no firewall or NAT rule here uses it, so no packet can be INVALID. A rule of ours would only switch it on." };
  }
  if (!conntrack.canLog) return { code: "trace/no-packet-log", sentence: "This kernel has no module that writes packets into its log (nf_log_syslog; before 5.13 nf_log_ipv4 and nf_log_ipv6)." };
  return undefined;
}

const iptablesObstacle: Judge = ({ iptables }) => (iptables.length > 0 ? undefined : { code: "trace/no-firewall-tool", sentence: "iptables is not installed on this host." });

const sysctlObstacle: Judge = ({ logInvalid }) => (logInvalid !== undefined ? undefined : { code: "trace/no-conntrack", sentence: "This kernel has no net.netfilter.nf_conntrack_log_invalid." });

/** By the sysctl alone the logger's module has to be there before. */
const onlyReasons = ({ logger }: ConntrackFacts): LogChanges => ({ setUp: logger === undefined || logger === "NONE" ? [loadLogger] : [], reasons: [], undo: [], counters: [] });

/** Conntrack's own lines do not say of which namespace they are. */
const namespaceObstacle = (tool: string, { netns }: InvalidRequest): Obstacle | undefined =>
  tool === "sysctl" && netns !== undefined ? { code: "trace/no-filter", sentence: "Without a rule the kernel log does not tell network namespaces apart." } : undefined;

function collector(tool: "nft" | "iptables" | "sysctl", judge: Judge, changes: (token: string, conntrack: ConntrackFacts) => LogChanges): Collector<InvalidRequest, InvalidEvent> {
  const obstacle = ({ conntrack }: TracerFacts, facts: HostFacts, request: InvalidRequest): Obstacle | undefined => commonObstacle(conntrack, request) ?? namespaceObstacle(tool, request) ?? (conntrack && judge(conntrack, facts));
  return {
    tool,
    obstacle,
    plan: ({ target, tracer: { conntrack } }: CollectorContext, { port, netns }) => {
      const known = conntrack ?? noConntrackFacts;
      const token = newToken();
      const own = changes(token, known);
      const why = reasonChanges(known.logInvalid);
      const all = changesIn(netns, { ...own, reasons: why.reasons, undo: [...own.undo, ...why.undo] }, known.allNetns);
      return Promise.resolve(logPlan(target.name, all, new InvalidLogDecoder({ ...(tool === "sysctl" ? {} : { token }), ...(port === undefined ? {} : { port }) }), known, tool, netns));
    },
  };
}

function logPlan(host: string, changes: LogChanges, decoder: InvalidLogDecoder, { isInitial }: ConntrackFacts, tool: string, netns: number | undefined): TracePlan<InvalidEvent> {
  const done = [...changes.setUp, ...changes.reasons];
  return {
    command: logCommand(changes),
    decoder,
    ...(done.length === 0 ? {} : { asks: { title: `Log INVALID packets on ${host}?`, detail: changeText(changes) } }),
    notes: [
      netns === undefined ? "Packets of this host's own network namespace are logged; what containers track in theirs is not (--netns chooses one)." : `Packets of the network namespace ${netns} are logged, by the host's kernel log.`,
      ...(isInitial || netns !== undefined ? [] : ["Should this be a container's network namespace, its packets are logged only with net.netfilter.nf_log_all_netns=1 on its host (read with dmesg there)."]),
      ...(tool === "sysctl" ? ["Without a rule conntrack's own lines are all there is: packets it gives no reason for are not seen, and some that it names were let pass."] : []),
    ],
  };
}

/** What is done and taken back, word for word, and what it costs. */
function changeText({ setUp, reasons, undo }: LogChanges): string {
  return [
    "These commands are run there as root:", ...[...setUp, ...reasons].map((argv) => `  ${namespaceLine(argv)}`),
    "", "At the end, whatever brings it about, these take them back:", ...undo.map((argv) => `  ${namespaceLine(argv)}`),
    "", `Packets pass as before. Each INVALID one is a line in the kernel log and in whatever copies that to disk${setUp.length > 1 ? `, by the rule at most ${linesPerSecond} a second` : ""}${reasons.length > 0 ? "; conntrack's lines with the reason have no limit" : ""}.`,
  ].join("\n");
}

/** Packets that connection tracking calls INVALID. A rule finds them all, conntrack's own lines tell why. */
export const traceConntrackInvalid: TraceKindOf<InvalidRequest, InvalidEvent> = {
  question: ({ netns }) => ({ functions: [], conntrack: true, ...(netns === undefined ? {} : { netns }) }),
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
