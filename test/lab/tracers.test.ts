/** The collectors against a newer kernel than the test of conntrack has: ftrace, perf, INVALID packets of another namespace, packets through the firewall. What they leave behind is looked at after each. */
import { strict as assert } from "node:assert";
import { asChainFrame } from "../../src/collectors/traces/chainFrame";
import type { InvalidEvent } from "../../src/collectors/traces/invalidModel";
import { traceConntrackInvalid } from "../../src/collectors/traces/traceConntrackInvalid";
import type { ResetEvent } from "../../src/collectors/traces/resetModel";
import { startTrace } from "../../src/collectors/traces/startTrace";
import { traceResets } from "../../src/collectors/traces/traceResets";
import type { HostFacts } from "../../src/probes/hostFacts";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import type { Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { connectLab } from "../support/labTarget";
import { downLab } from "./downLab";
import { inGuest } from "./guestControl";
import type { LabState } from "./labState";
import { ownTarget } from "./ownTarget";
import { packetTraces } from "./packetTraces";
import { runScenarios } from "./runScenario";
import { resetScenarios, type ResetScenario } from "./scenarioCatalog";
import { upLab } from "./upLab";

/** All that they may leave behind: instances, probes, tables, programs; and every setting that they touch. */
const leftovers = `cd /sys/kernel/tracing; ls instances; cat kprobe_events; nft list tables | grep knetscope; pgrep -x "bpftrace|perf|nft"
for file in current_tracer tracing_on set_graph_function set_graph_notrace max_graph_depth set_ftrace_filter set_ftrace_pid tracing_cpumask options/funcgraph-*; do echo $file $(cat $file); done`;

/** A segment with SYN and FIN, which no connection has. */
const impossibleSegment = `import socket, struct
def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
ends = socket.inet_aton("10.99.0.1") + socket.inet_aton("10.99.0.2")
head = struct.pack("!HHIIBBHHH", 5555, 7780, 1, 0, 0x50, 3, 1000, 0, 0)
head = head[:16] + struct.pack("!H", checksum(ends + struct.pack("!BBH", 0, 6, 20) + head)) + head[18:]
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP).sendto(head, ("10.99.0.2", 0))`;

const findScenario = (wanted: string): ResetScenario => resetScenarios.find(({ name }) => name === wanted) ?? assert.fail(wanted);

const portsOf = ({ socket, packet }: ResetEvent): readonly (number | undefined)[] => [socket?.local.port, socket?.remote.port, packet?.source.port, packet?.destination.port];

describe("collectors on kernel 6.12", function () {
  this.timeout(300_000);
  const name = ownTarget("tracers");
  let state: LabState;
  let target: Target;
  let facts: HostFacts;
  let clean: string;

  const isClean = (): Promise<void> => eventually(async () => assert.equal(await inGuest(state, leftovers), clean), 30_000);

  before(async () => {
    state = await upLab("6.12", { name });
    target = await connectLab(state);
    facts = await runProbe(target, hostFactsProbe);
    clean = await inGuest(state, leftovers);
  });
  after(async () => {
    await target.dispose();
    await downLab(name);
  });

  it("each tool: causes that the packet, the socket or the stack decides, a rule with REJECT that only now loads its module, and no probe stays", async () => {
    assert.equal(await inGuest(state, "lsmod | grep nf_reject; true"), "");
    const tools = ["ftrace", "perf", "bpftrace"] as const;
    const seen = tools.map((): ResetEvent[] => []);
    const traces = await Promise.all(tools.map((tool, index) => startTrace(target, facts, traceResets, { kind: "resets", tool }, { onEvent: (event) => seen[index]!.push(event) })));
    await Promise.all(traces.map((trace) => trace.ready));
    const scenarios = ["closed-port", "close-unread-v6", "linger2-negative-on-ack", "ack-to-listener", "data-after-close", "reject"].map(findScenario);
    await runScenarios(scenarios.map(({ name: scenario }) => scenario), name);
    await Promise.all(traces.map((trace) => trace.stop()));
    for (const [index, tool] of tools.entries()) {
      const causes = seen[index]!.map((event) => ({ ports: portsOf(event), id: traceResets.subject.explain(event, event.stack.map(asChainFrame)).cause.id }));
      // What REJECT answers is not read by a probe that was set ahead.
      for (const { name: scenario, port, cause } of scenarios) assert.ok(causes.some(({ ports, id }) => id === cause && (ports.includes(port) || scenario === "reject")), `${scenario} by ${tool}: ${JSON.stringify(causes)}`);
      assert.equal(traces[index]!.lost(), 0);
    }
    await isClean();
  });

  it("INVALID packets of another namespace are logged, and the host's sysctl for that is put back", async () => {
    await inGuest(state, `ip netns add box; ip link add v0 type veth peer name v1 netns box; ip addr add 10.99.0.1/24 dev v0; ip link set v0 up; ip -n box addr add 10.99.0.2/24 dev v1
      ip -n box link set v1 up; ip netns exec box iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT`);
    const netns = Number(await inGuest(state, "stat -L -c %i /run/netns/box"));
    const settings = "sysctl net.netfilter.nf_log_all_netns; ip netns exec box sh -c 'sysctl net.netfilter.nf_conntrack_log_invalid; nft list tables'";
    const before = await inGuest(state, settings);
    const events: InvalidEvent[] = [];
    const trace = await startTrace(target, facts, traceConntrackInvalid, { kind: "conntrack-invalid", netns }, { onEvent: (event) => events.push(event), consent: () => Promise.resolve(true) });
    await trace.ready;
    await inGuest(state, `python3 -c '${impossibleSegment}'`);
    await eventually(() => assert.ok(events.some(({ packet }) => packet.destination.address === "10.99.0.2" && packet.deviceIn === "v1")), 30_000);
    await trace.stop();
    await eventually(async () => assert.equal(await inGuest(state, settings), before), 30_000);
    await inGuest(state, "ip netns del box");
  });

  packetTraces(() => ({ state, target, facts }));
});
