import type { TracerFacts } from "../../../probes/tracerProbe";
import { shellLine } from "../../../target/command";
import type { Collector, CollectorContext, Obstacle, TracePlan } from "../collector";
import { newToken } from "../ftraceCollector";
import { nftObstacle } from "../firewallObstacles";
import type { TraceKindOf } from "../traceKind";
import type { TraceRequest } from "../traceRequest";
import { explainPath } from "./explainPath";
import { packetsPerSecond, pathChanges, pathCommand } from "./pathCommand";
import { PathDecoder } from "./pathDecoder";
import { stepPlace, type PathEvent } from "./pathModel";

type PathRequest = Extract<TraceRequest, { kind: "packet" }>;

function obstacle({ conntrack }: TracerFacts, facts: CollectorContext["facts"], { pid, cgroup }: PathRequest): Obstacle | undefined {
  if (pid !== undefined || cgroup !== undefined) return { code: "trace/no-filter", sentence: "Packets cannot be filtered by process or cgroup." };
  return conntrack && nftObstacle(conntrack, facts);
}

function plan({ target }: CollectorContext, request: PathRequest): TracePlan<PathEvent> {
  const token = newToken();
  const changes = pathChanges(token, request);
  return {
    command: pathCommand(changes, request.netns),
    decoder: new PathDecoder(token),
    asks: {
      title: `Mark packets on ${target.name} to trace them?`,
      detail: [
        `These commands are run there as root${request.netns === undefined ? "" : ` in the network namespace ${request.netns}`}:`, ...changes.setUp.map((argv) => `  ${shellLine(argv)}`),
        "", "At the end, whatever brings it about, these take them back:", ...changes.undo.map((argv) => `  ${shellLine(argv)}`),
        "", `Packets pass as before. At each of the two places at most ${packetsPerSecond} a second are marked.`,
      ].join("\n"),
    },
    notes: [
      "Marked packets are told over netlink to whoever listens, and never in dmesg: that is where the lines of `iptables -j TRACE` are, too, when iptables is iptables-nft (`xtables-monitor --trace` shows them). Only iptables-legacy writes TRACE lines into the kernel log.",
      ...(request.netns === undefined ? ["Packets of this host's own network namespace; --netns chooses another."] : []),
    ],
  };
}

const byNft: Collector<PathRequest, PathEvent> = {
  tool: "nft",
  obstacle,
  plan: (context, request) => new Promise((resolve) => resolve(plan(context, request))),
};

/** The way of packets through the rules of nftables and iptables-nft, with the verdict. */
export const tracePath: TraceKindOf<PathRequest, PathEvent> = {
  question: ({ netns }) => ({ functions: [], conntrack: true, ...(netns === undefined ? {} : { netns }) }),
  collectors: [byNft],
  subject: {
    explain: (event) => explainPath(event),
    distinguish: ({ packet: { transport, flags, deviceIn, deviceOut }, steps }) => [transport, flags?.join(), deviceIn, deviceOut, ...steps.map((step) => `${stepPlace(step)} ${step.rule ?? ""} ${step.verdict}`)],
    ends: ({ packet: { source, destination } }) => ({ local: destination, remote: source }),
  },
};
