import { noConntrackFacts, type ConntrackFacts } from "../../../probes/conntrackFacts";
import type { Collector, CollectorContext, Obstacle, TracePlan } from "../collector";
import { newToken } from "../ftraceCollector";
import { nftObstacle } from "../firewallObstacles";
import { namespaceLine } from "../inNamespace";
import { changesIn } from "../invalidLogCommand";
import { loadLogger } from "../kernelLogScript";
import type { TraceKindOf } from "../traceKind";
import type { TraceRequest } from "../traceRequest";
import { explainPath } from "./explainPath";
import { LegacyReader } from "./legacyTrace";
import { nftReader } from "./nftTrace";
import { monitorCommand, packetsPerSecond, pathChanges, tableName, type PathChanges } from "./pathCommand";
import { PathDecoder } from "./pathDecoder";
import { stepPlace, type PathEvent } from "./pathModel";
import { loggedPathCommand, loggedPerSecond, xtablesChanges } from "./xtablesCommand";
import { xtablesReader } from "./xtablesTrace";

type PathRequest = Extract<TraceRequest, { kind: "packet" }>;
type Judge = (conntrack: ConntrackFacts, facts: CollectorContext["facts"], request: PathRequest) => Obstacle | undefined;
type Planner = (context: CollectorContext, request: PathRequest, known: ConntrackFacts) => TracePlan<PathEvent>;

/** Rules of one kind are not seen by the tools of the other. */
const legacyAlso = "This host has rules of iptables-legacy as well, which this trace does not show: --tool iptables traces those.";
const nftAlso = "This host has rules of nf_tables as well, which this trace does not show: --tool nft traces those.";

const judgeNft: Judge = (known, facts, { tool }) => {
  if (tool === undefined && known.hasLegacyRules && !known.hasNftRules) return { code: "trace/no-rules", sentence: "The rules of this host are those of iptables-legacy, which nft does not see." };
  return nftObstacle(known, facts);
};

const planNft: Planner = ({ target }, request, { hasLegacyRules }) => {
  const token = newToken();
  const changes = pathChanges(token, request);
  return {
    command: monitorCommand(changes, ["nft", "monitor", "trace"], request.netns),
    decoder: new PathDecoder(nftReader(tableName(token))),
    asks: question(target.name, changes, packetsPerSecond, request.netns),
    notes: [...(hasLegacyRules ? [legacyAlso] : []), overNetlink, ...ownNamespace(request)],
  };
};

/** Where there are rules of ip_tables, those are meant: the others have nft. */
const throughLog = ({ hasLegacyRules, overNft, hasMonitor, legacy }: ConntrackFacts): boolean => legacy.length > 0 && (hasLegacyRules || overNft.length === 0 || !hasMonitor);

const judgeIptables: Judge = (known) => {
  if (throughLog(known)) return known.canLog ? undefined : { code: "trace/no-packet-log", sentence: "This kernel has no module that writes packets into its log (nf_log_syslog; before 5.13 nf_log_ipv4 and nf_log_ipv6)." };
  if (known.overNft.length === 0) return { code: "trace/no-firewall-tool", sentence: "iptables is not installed on this host." };
  return known.hasMonitor ? undefined : { code: "trace/no-firewall-tool", sentence: "iptables is there and writes rules of nf_tables, but xtables-monitor, which would tell what they trace, is not." };
};

const planIptables: Planner = (context, request, known) => (throughLog(known) ? planLog(context, request, known) : planMonitor(context, request, known));

const planMonitor: Planner = ({ target }, request, { overNft, hasLegacyRules }) => {
  const token = newToken();
  const changes = xtablesChanges(token, overNft, request, packetsPerSecond);
  return {
    command: monitorCommand(changes, ["xtables-monitor", "--trace"], request.netns),
    decoder: new PathDecoder(xtablesReader(tableName(token))),
    asks: question(target.name, changes, packetsPerSecond, request.netns),
    notes: [...(hasLegacyRules ? [legacyAlso] : []), overNetlink, ...ownNamespace(request)],
  };
};

const planLog: Planner = ({ target }, request, { legacy, logger, allNetns, hasNftRules }) => {
  const token = newToken();
  const { netns } = request;
  const { setUp, undo } = changesIn(netns, { ...xtablesChanges(token, legacy, request, loggedPerSecond), reasons: [], counters: [] }, allNetns);
  const changes = { setUp: [...(logger === undefined || logger === "NONE" ? [loadLogger] : []), ...setUp], undo };
  return {
    command: loggedPathCommand(changes, legacy, netns),
    decoder: new PathDecoder(new LegacyReader(tableName(token))),
    asks: question(target.name, changes, loggedPerSecond, undefined, "Each rule and policy that a marked packet meets is a line in the kernel log and in whatever copies that to disk. The modules ip_tables and xt_TRACE stay loaded."),
    notes: [
      ...(hasNftRules ? [nftAlso] : []),
      "iptables-legacy writes what marked packets meet into the kernel log (dmesg), with the numbers of rules; what they say is read by iptables-save.",
      ...ownNamespace(request),
    ],
  };
};

const overNetlink =
  "Marked packets are told over netlink to whoever listens, and never in dmesg: that is where the lines of `iptables -j TRACE` are, too, when iptables is iptables-nft (`xtables-monitor --trace` shows them). Only iptables-legacy writes TRACE lines into the kernel log.";

const ownNamespace = ({ netns }: PathRequest): readonly string[] => (netns === undefined ? ["Packets of this host's own network namespace; --netns chooses another."] : []);

function question(host: string, { setUp, undo }: PathChanges, perSecond: number, netns: number | undefined, price = ""): { readonly title: string; readonly detail: string } {
  return {
    title: `Mark packets on ${host} to trace them?`,
    detail: [
      `These commands are run there as root${netns === undefined ? "" : ` in the network namespace ${netns}`}:`, ...setUp.map((argv) => `  ${namespaceLine(argv)}`),
      "", "At the end, whatever brings it about, these take them back:", ...undo.map((argv) => `  ${namespaceLine(argv)}`),
      "", `Packets pass as before. At each of the two places at most ${perSecond} a second are marked.${price === "" ? "" : ` ${price}`}`,
    ].join("\n"),
  };
}

const collector = (tool: "nft" | "iptables", judge: Judge, plan: Planner): Collector<PathRequest, PathEvent> => ({
  tool,
  obstacle: ({ conntrack }, facts, request) => {
    if (request.pid !== undefined || request.cgroup !== undefined) return { code: "trace/no-filter", sentence: "Packets cannot be filtered by process or cgroup." };
    return conntrack && judge(conntrack, facts, request);
  },
  plan: (context, request) => new Promise((resolve) => resolve(plan(context, request, context.tracer.conntrack ?? noConntrackFacts))),
});

/** The way of packets through the rules of nftables, iptables-nft or iptables-legacy, with the verdict. */
export const tracePath: TraceKindOf<PathRequest, PathEvent> = {
  question: ({ netns }) => ({ functions: [], conntrack: true, ...(netns === undefined ? {} : { netns }) }),
  collectors: [collector("nft", judgeNft, planNft), collector("iptables", judgeIptables, planIptables)],
  subject: {
    explain: (event) => explainPath(event),
    distinguish: ({ packet: { transport, flags, deviceIn, deviceOut }, steps }) => [transport, flags?.join(), deviceIn, deviceOut, ...steps.map((step) => `${stepPlace(step)} ${step.rule ?? ""} ${step.verdict}`)],
    ends: ({ packet: { source, destination } }) => ({ local: destination, remote: source }),
  },
};
