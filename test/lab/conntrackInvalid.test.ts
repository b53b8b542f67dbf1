import { strict as assert } from "node:assert";
import type { InvalidEvent } from "../../src/collectors/traces/invalidModel";
import type { RunningTrace } from "../../src/collectors/traces/runningTrace";
import { canTrace, startTrace } from "../../src/collectors/traces/startTrace";
import { traceConntrackInvalid } from "../../src/collectors/traces/traceConntrackInvalid";
import type { TraceTool } from "../../src/collectors/traces/traceRequest";
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
import { runScenario } from "./runScenario";
import { upLab } from "./upLab";

const name = ownTarget("conntrack");
const request = { kind: "conntrack-invalid" } as const;
const about = { id: "trace-conntrack-invalid", title: "Log conntrack-invalid packets" };
/** All that logging may leave behind. */
const traces = "nft list ruleset 2>/dev/null | grep -c knetscope; cat /proc/sys/net/netfilter/nf_conntrack_log_invalid; pgrep -fc '^cat /dev/kmsg'; true";

describe("logging INVALID packets on kernel 6.1", function () {
  this.timeout(300_000);
  let state: LabState;
  let target: Target;
  let facts: HostFacts;

  const start = (on: Target, tool: TraceTool, events: InvalidEvent[] = []): Promise<RunningTrace<InvalidEvent>> =>
    startTrace(on, facts, traceConntrackInvalid, { ...request, tool }, { onEvent: (event) => events.push(event), consent: () => Promise.resolve(true) });

  const judge = () => canTrace(about, target, facts, traceConntrackInvalid, request);

  before(async () => {
    state = await upLab("6.1", { name });
    target = await connectLab(state);
    facts = await runProbe(target, hostFactsProbe);
  });
  after(async () => {
    await target.dispose();
    await downLab(name);
  });

  it("is refused with the reason as long as nothing can be INVALID", async () => {
    assert.match((await judge()).reason ?? "", /not loaded/);
    await inGuest(state, "modprobe nf_conntrack");
    assert.match((await judge()).reason ?? "", /no firewall or NAT rule/);
    await inGuest(state, "iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; sysctl -q -w net.netfilter.nf_conntrack_log_invalid=17");
    assert.deepEqual([(await judge()).ok, (await judge()).reason], [true, "By nft, iptables, sysctl."]);
  });

  for (const tool of ["nft", "iptables"] as const) {
    it(`by ${tool} finds the segment that escaped NAT, says why, and leaves nothing behind`, async () => {
      const events: InvalidEvent[] = [];
      const trace = await start(target, tool, events);
      await trace.ready;
      const { local, remote } = await runScenario("conntrack-invalid", name);
      const found = (): InvalidEvent | undefined => events.find(({ packet }) => packet.source.port === remote?.port && packet.destination.port === local?.port);
      await eventually(() => assert.ok(found()));
      await trace.stop();
      await trace.ended;
      const event = found()!;
      assert.match(event.reason ?? "", /^SEQ is over upper bound/);
      const { cause } = traceConntrackInvalid.subject.explain(event, []);
      assert.deepEqual([cause.id, cause.confidence, event.packet.flags, trace.lost()], ["seq-over-window", "certain", ["ACK", "PSH"], 0]);
      assert.equal((await inGuest(state, traces)).trim().split(/\s+/).join(" "), "0 17 0");
    });
  }

  it("is undone when the link is gone", async () => {
    const other = await connectLab(state);
    const trace = await start(other, "nft");
    await trace.ready;
    assert.match(await inGuest(state, traces), /^[1-9]\d*\n255\n/);
    await other.dispose();
    await trace.ended.catch(() => undefined);
    await eventually(async () => assert.equal((await inGuest(state, traces)).trim().split(/\s+/).join(" "), "0 17 0"));
  });

  packetTraces(() => ({ state, target, facts }));
});
