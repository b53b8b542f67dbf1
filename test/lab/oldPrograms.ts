import { strict as assert } from "node:assert";
import { asChainFrame } from "../../src/collectors/traces/chainFrame";
import type { CallEvent } from "../../src/collectors/traces/callModel";
import type { DropEvent } from "../../src/collectors/traces/dropModel";
import type { ResetEvent } from "../../src/collectors/traces/resetModel";
import type { RunningTrace } from "../../src/collectors/traces/runningTrace";
import { readTracerFacts, startTrace } from "../../src/collectors/traces/startTrace";
import { traceDrops } from "../../src/collectors/traces/traceDrops";
import { traceFunction } from "../../src/collectors/traces/traceFunction";
import type { TraceKindOf } from "../../src/collectors/traces/traceKind";
import type { TraceEvent } from "../../src/collectors/traces/traceModel";
import type { TraceRequest } from "../../src/collectors/traces/traceRequest";
import { traceResets } from "../../src/collectors/traces/traceResets";
import { eventually } from "../support/eventually";
import { runScenarios } from "./runScenario";
import { resetScenarios } from "./scenarioCatalog";
import type { TracedHost } from "./tracedHost";

/**
 * What is written for the oldest bpftrace, which no archive need have: newer ones read it as well. Records in parts, drops without their tracepoint,
 * on a real kernel.
 */
export function oldPrograms(lab: () => TracedHost): void {
  describe("by programs for bpftrace 0.9.4", () => {
    const scenarios = ["closed-port", "closed-port-v6", "close-unread", "close-unread-v6", "data-after-close", "abort-on-overflow"].map((name) => resetScenarios.find((scenario) => scenario.name === name) ?? assert.fail(name));
    const [resets, drops, calls]: [ResetEvent[], DropEvent[], CallEvent[]] = [[], [], []];
    let traces: readonly Pick<RunningTrace<ResetEvent>, "lost" | "messages" | "ready" | "stop">[];

    async function start<R extends TraceRequest, E extends TraceEvent>(kind: TraceKindOf<R, E>, request: R, events: E[]): Promise<RunningTrace<E>> {
      const { host } = lab();
      const tracerFacts = { ...(await readTracerFacts(host.target, kind, request)), bpftrace: "bpftrace v0.9.4" };
      return startTrace(host.target, await host.facts(), kind, request, { tracerFacts, onEvent: (event) => events.push(event) });
    }

    before(async () => {
      traces = await Promise.all([
        start(traceResets, { kind: "resets", tool: "bpftrace" }, resets), start(traceDrops, { kind: "drops", tool: "bpftrace" }, drops),
        start(traceFunction, { kind: "function", name: "tcp_v4_connect", tool: "bpftrace" }, calls),
      ]);
      await Promise.all(traces.map(({ ready }) => ready));
      await runScenarios(scenarios.map(({ name }) => name), lab().state.name);
      await eventually(() => assert.ok(resets.some(({ packet, socket }) => [packet?.destination.port, socket?.local.port].includes(scenarios.at(-1)?.port)), "no event of the last"), 30_000);
      await Promise.all(traces.map((trace) => trace.stop()));
    });

    for (const { name, port, cause, family } of scenarios) {
      it(`${name}: ${cause}`, () => {
        const found = resets.filter((event) => event.family === family && (event.packet?.destination ?? event.socket?.local)?.port === port);
        const causes = found.map((event) => traceResets.subject.explain(event, event.stack.map(asChainFrame)).cause.id);
        assert.ok(causes.includes(cause), causes.join() || "no event");
      });
    }

    it("drops, from the place that called the function which frees, and those of full queues", () => {
      const known = drops.map(({ reason, place, packet }) => `${reason ?? ""} ${place?.symbol ?? ""} ${packet?.transport ?? ""} ${packet?.destination.address ?? ""}`);
      for (const wanted of ["NO_SOCKET tcp_v4_rcv TCP 127.0.0.1", "NO_SOCKET tcp_v6_rcv TCP ::1", "ACCEPT_QUEUE_FULL tcp_v4_syn_recv_sock TCP 127.0.0.1"]) assert.ok(known.includes(wanted), `${wanted} is not among ${known.join("; ")}`);
      assert.equal(drops.find(({ place }) => place?.symbol === "tcp_v6_rcv")?.device, "lo");
    });

    it("calls of a function, with their arguments", () => {
      assert.ok(calls.some((event) => event.name === "tcp_v4_connect" && /127\.0\.0\.1:\d+/.test(event.arguments[0]?.value ?? "") && event.process.name === "python3"), JSON.stringify(calls[0]?.arguments));
    });

    it("have lost nothing, and say what they do without", () => {
      assert.deepEqual(traces.map((trace) => trace.lost()), [0, 0, 0]);
      const said = traces.flatMap((trace) => trace.messages());
      assert.equal(said.length, 1);
      assert.match(said[0] ?? "", /0\.9\.4 .* is probed/);
    });
  });
}
