import { strict as assert } from "node:assert";
import { TraceGroups } from "../../src/collectors/traces/traceGroups";
import type { ResetEvent } from "../../src/collectors/traces/resetModel";
import { asChainFrame } from "../../src/collectors/traces/chainFrame";
import type { RunningTrace } from "../../src/collectors/traces/runningTrace";
import { canTrace, startTrace } from "../../src/collectors/traces/startTrace";
import { traceResets } from "../../src/collectors/traces/traceResets";
import type { TraceOptions } from "../../src/collectors/traces/traceRequest";
import { explainReset } from "../../src/knowledge/explainReset";
import type { HostFacts } from "../../src/probes/hostFacts";
import type { Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { connectLab } from "../support/labTarget";
import { checkScenario } from "./checkScenario";
import { findScenario, holdScenario, runScenario, runScenarios, type ScenarioResult } from "./runScenario";
import { resetScenarios, type ResetScenario } from "./scenarioCatalog";
import type { TracedHost } from "./tracedHost";

const explain = (event: ResetEvent): ReturnType<typeof explainReset> => explainReset(event, event.stack.map(asChainFrame));

/** The event of the segment that the scenario says went from `local` to `remote`. A netfilter reset answers the packet that went the other way. */
function belongsTo(event: ResetEvent, { local, remote }: ScenarioResult): boolean {
  const own = event.packet?.destination ?? event.socket?.local;
  const peer = event.packet?.source ?? event.socket?.remote;
  return own?.port === local?.port && peer?.port === remote?.port;
}

const about = { id: "trace-resets", title: "Trace TCP resets" };

async function tracers(target: Target): Promise<string> {
  return Buffer.from((await target.run({ argv: ["sh", "-c", "pgrep -x bpftrace || true"] })).stdout).toString();
}

/** Every reset scenario is run once: what happened is held against the catalog, and the trace against what happened. */
export function resetTraces(lab: () => TracedHost): void {
  describe("of resets", () => {
    let target: Target;
    let facts: HostFacts;
    let name: string;

    const start = (options: TraceOptions & { readonly received?: boolean; readonly passing?: boolean }, onEvent: (event: ResetEvent) => void, signal?: AbortSignal): Promise<RunningTrace<ResetEvent>> =>
      startTrace(target, facts, traceResets, { kind: "resets", ...options }, { onEvent }, signal);

    before(async () => {
      ({ host: { target }, state: { name } } = lab());
      facts = await lab().host.facts();
      // A rule loads it; bpftrace, which alone prints the packet, probes only functions that are there (tracers.test.ts has it loaded later).
      await target.run({ argv: ["modprobe", "nf_reject_ipv4"], privilege: "root" });
    });

    it("is possible for root, and says why it is not for others", async () => {
      assert.equal((await canTrace(about, target, facts, traceResets, { kind: "resets" })).ok, true);
      const plain = await connectLab(lab().state, "knet-plain");
      const answer = await canTrace(about, plain, facts, traceResets, { kind: "resets" });
      await plain.dispose();
      assert.equal(answer.ok, false);
      assert.match(answer.reason ?? "", /root/);
    });

    describe("of every scenario", () => {
      const [events, others]: [ResetEvent[], ResetEvent[]] = [[], []];
      let trace: RunningTrace<ResetEvent>;
      let nearby: Partial<ResetEvent> | undefined;
      let results: Awaited<ReturnType<typeof runScenarios>>;

      before(async () => {
        trace = await start({}, (event) => events.push(event));
        const second = await start({ received: true, passing: true }, (event) => others.push(event));
        await Promise.all([trace.ready, second.ready]);
        results = await runScenarios([...resetScenarios.map((scenario) => scenario.name), "raw-reset", "forwarded-reset"], name, { trace: true });
        // It waits for the last event: a slow target hands it over seconds later.
        nearby = await learnOfNat();
        await Promise.all([trace.stop(), second.stop()]);
      });

      /** While the connection is there that the packet should have belonged to. */
      const learnOfNat = async (): Promise<Partial<ResetEvent> | undefined> => {
        const held = await holdScenario("conntrack-invalid", name);
        const event = await eventually(() => events.find((found) => belongsTo(found, held.result)) ?? assert.fail("no event"), 60_000);
        const learnt = await traceResets.subject.learn?.(event, { connectionsWith: async ({ address, port }) => [...(await lab().host.sockets({ filter: `dst ${address}:${port ?? 0}`, details: false })).sockets] });
        await held.end();
        return learnt && { ...event, ...learnt };
      };

      const check = (scenario: ResetScenario): void => {
        const result = results.get(scenario.name);
        if (!result || result instanceof Error) throw result ?? new Error("not run");
        assert.deepEqual(checkScenario(scenario, result), []);
        const found = events.filter((event) => belongsTo(event, result) && event.family === scenario.family);
        const causes = found.map((event) => `${explain(event).cause.id} (${explain(event).cause.confidence})`);
        assert.ok(causes.some((cause) => cause.startsWith(`${scenario.cause} `)), `found ${causes.join(", ") || "no event"}`);
        const [event] = found.filter((candidate) => explain(candidate).cause.id === scenario.cause);
        assert.ok(event && explain(event).cause.confidence !== "low");
        assert.equal(event.kind, scenario.reset === "active" ? "active" : "passive");
        assert.equal(event.stack[0]?.symbol, scenario.sender);
        assert.equal(event.stack[0].kind, "exact");
        assert.ok(event.stack.slice(1, 4).every((frame) => frame.address !== undefined));
      };

      for (const scenario of resetScenarios) it(`${scenario.name}: ${scenario.cause}`, () => check(scenario));

      it("says that NAT passed an INVALID segment over, with the connection it was meant for", () => {
        const { cause, evidence } = explain(nearby as ResetEvent);
        assert.deepEqual([cause.id, cause.confidence], ["nat-not-applied", "certain"], evidence.join(" "));
        const { packet, nearby: connection } = nearby ?? {};
        assert.equal(connection?.local.port, (packet?.destination.port ?? 0) + 1);
      });

      it("names those that leave past TCP, when asked to: out of a raw socket, and forwarded", () => {
        const found = (scenario: string) => others.filter(({ packet }) => packet?.source.port === findScenario(scenario).port && packet.flags.includes("RST"));
        const causes = (scenario: string) => found(scenario).map((event) => `${event.kind} ${explain(event).cause.id} ${event.packet?.source.address ?? ""}`);
        assert.deepEqual(causes("raw-reset"), ["raw raw-socket 127.0.0.1"]);
        assert.deepEqual([found("raw-reset")[0]?.process.name, found("raw-reset")[0]?.process.isOwner], ["python3", true]);
        assert.deepEqual(causes("forwarded-reset"), ["forwarded forwarded 10.9.2.2"]);
      });

      it("tells those that are received, and what the application gets", () => {
        const result = results.get("closed-port");
        assert.ok(result && !(result instanceof Error));
        const received = others.filter(({ kind, socket }) => kind === "received" && socket?.local.port === result.remote?.port);
        assert.deepEqual(received.map((event) => explain(event).cause.id), ["received"]);
        assert.match(explain(received[0]!).evidence.join(" "), /ECONNREFUSED/);
      });

      it("has lost nothing, said nothing, and left nothing on the target", async () => {
        assert.equal(trace.lost(), 0);
        assert.deepEqual(trace.messages(), []);
        await eventually(async () => assert.equal(await tracers(target), ""));
      });

      it("names the kernel's own reason exactly where the kernel has one", () => {
        const reasons = new Set(events.flatMap(({ reason }) => reason ?? []));
        if (lab().kernel === "6.1") assert.equal(reasons.size, 0);
        else assert.ok(reasons.has("NO_SOCKET") && reasons.has("TCP_ABORT_ON_CLOSE") && reasons.has("TCP_STATE"), [...reasons].join());
      });

      it("tells the process that did it from the one that was interrupted", () => {
        const closers = events.filter((event) => explain(event).cause.id === "close-with-unread-data");
        assert.ok(closers.length > 0 && closers.every(({ process }) => process.isOwner && process.name === "python3"));
        assert.ok(events.filter(({ kind, packet }) => kind === "passive" && packet?.flags.join() === "SYN").every(({ process }) => !process.isOwner));
      });

      it("groups them without the client's port", async () => {
        const groups = new TraceGroups<ResetEvent>(traceResets.subject, { resolve: () => Promise.reject(new Error("no debuginfo in this test")) });
        for (const event of [...events, ...events]) groups.add(event);
        await groups.settled();
        assert.equal(groups.groups().reduce((sum, group) => sum + group.count, 0), 2 * events.length);
        assert.ok(groups.groups().length <= events.length);
      });
    });

    it("filters by port on the target", async () => {
      const events: ResetEvent[] = [];
      const port = resetScenarios.find((scenario) => scenario.name === "closed-port")?.port ?? 0;
      const trace = await start({ port }, (event) => events.push(event));
      await trace.ready;
      await runScenario("ack-without-socket", name);
      await runScenario("closed-port", name);
      await eventually(() => assert.ok(events.length > 0));
      await trace.stop();
      assert.deepEqual(events.map((event) => event.packet?.destination.port), [port]);
    });

    it("ends by itself after its time, and when its user gives up", async () => {
      const timed = await start({ durationMs: 500 }, () => undefined);
      await timed.ended;
      const abort = new AbortController();
      const abandoned = await start({}, () => undefined, abort.signal);
      abort.abort();
      await assert.rejects(abandoned.ready, { code: "trace/stopped" });
      await eventually(async () => assert.equal(await tracers(target), ""));
    });
  });
}
