/** Call graphs by function_graph on both kernels: 6.1 has it only in the tracer that all share, 6.12 in an instance of ours. All that tracing can be set to is looked at after each. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphEvent, GraphLimits } from "../../src/collectors/traces/callgraph/graphModel";
import { traceCallGraph } from "../../src/collectors/traces/callgraph/traceCallGraph";
import type { RunningTrace } from "../../src/collectors/traces/runningTrace";
import { startTrace } from "../../src/collectors/traces/startTrace";
import type { HostFacts } from "../../src/probes/hostFacts";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import type { CallTotals } from "../../src/stacks/callgraph/callTotals";
import type { Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { connectLab } from "../support/labTarget";
import { silentProxy } from "../support/silentProxy";
import { downLab } from "./downLab";
import { inGuest } from "./guestControl";
import { fullKernels } from "./labKernel";
import type { LabState } from "./labState";
import { ownTarget } from "./ownTarget";
import { upLab } from "./upLab";

/** Every setting of the shared tracer, instances, and supervisors of ours. The buffer's size is none: it grows at the first use, for good. */
const everything = `cd /sys/kernel/tracing
grep -H '' current_tracer tracing_on tracing_thresh tracing_cpumask trace_clock set_* max_graph_depth kprobe_events options/*
ls instances; pgrep -f 'knetscope-begi[n]'; true`;

/** Connects where nobody listens, by two programs. */
const connects = "python3 -c 'import socket; socket.socket().connect_ex((\"127.0.0.1\", 9))'; nc -z -w 1 127.0.0.1 9; true";

/** An interrupt in between is no level of the calls. */
const depthOf = ({ children, isInterrupt }: CallTotals): number => (isInterrupt ? 0 : 1 + Math.max(0, ...children.map(depthOf)));
const namesOf = ({ symbol, children }: CallTotals): readonly string[] => [symbol, ...children.flatMap(namesOf)];

for (const kernel of fullKernels) {
  describe(`call graphs on kernel ${kernel}`, function () {
    this.timeout(300_000);
    const name = ownTarget(`graph-${kernel}`);
    let state: LabState;
    let target: Target;
    let facts: HostFacts;
    let clean: string;

    const graph = (events: GraphEvent[] = [], limits: GraphLimits = {}, { agrees = false, on = target } = {}): Promise<RunningTrace<GraphEvent>> =>
      startTrace(on, facts, traceCallGraph, { kind: "callgraph", name: "tcp_v4_connect", ...limits }, { onEvent: (event) => events.push(event), consent: () => Promise.resolve(agrees) });
    const isClean = (as = clean): Promise<void> => eventually(async () => assert.equal(await inGuest(state, everything), as), 60_000);

    before(async () => {
      state = await upLab(kernel, { name });
      // The tracer patches every function of the kernel while all CPUs run it. Software emulation now and then lets one CPU run into what another
      // has half written ("Oops: int3"), which no real processor does: so this target goes on with one.
      await inGuest(state, "echo 0 >/sys/devices/system/cpu/cpu1/online");
      target = await connectLab(state);
      facts = await runProbe(target, hostFactsProbe);
      clean = await inGuest(state, everything);
    });
    after(async () => {
      await target.dispose();
      await downLab(name);
    });

    it("is a tree with times, as deep as asked, of what the filters leave; a second client is refused with words", async () => {
      const events: GraphEvent[] = [];
      const trace = await graph(events, { depth: 3, comm: "python3", without: ["tcp_fastopen_defer_connect"] });
      await trace.ready;
      await assert.rejects(graph([], {}, { agrees: true }), { code: "trace/graph-busy", message: /Another call graph is being drawn there \(knetscope-graph-\w+\)/ });
      await inGuest(state, connects);
      const { totals } = await eventually(() => events[0] ?? assert.fail("no call"), 60_000);
      await trace.stop();
      assert.deepEqual([...new Set(events.map(({ process }) => process?.name))], ["python3"]);
      assert.ok(totals.totalNs > 0 && depthOf(totals) === 3, JSON.stringify(totals));
      assert.ok(namesOf(totals).includes("tcp_connect") && !namesOf(totals).includes("tcp_fastopen_defer_connect"), namesOf(totals).join());
      assert.equal(totals.children.reduce((sum, { totalNs }) => sum + totalNs, totals.selfNs), totals.totalNs);
      assert.equal(trace.lost(), 0);
      await isClean();
    });

    it("asks before it disturbs others who trace, and gives back all that they had set", async () => {
      await inGuest(state, "cd /sys/kernel/tracing; echo tcp_v4_do_rcv >set_graph_function; echo 2 >max_graph_depth; echo 1 >options/funcgraph-proc; echo 1 >events/tcp/tcp_probe/enable");
      const theirs = await inGuest(state, everything);
      await assert.rejects(graph(), { code: "trace/not-agreed" });
      assert.equal(await inGuest(state, everything), theirs);
      const trace = await graph([], {}, { agrees: true });
      await trace.ready;
      assert.notEqual(await inGuest(state, everything), theirs);
      await trace.stop();
      await isClean(theirs);
      await inGuest(state, "cd /sys/kernel/tracing; echo 0 >events/tcp/tcp_probe/enable; echo >set_graph_function; echo 0 >max_graph_depth; echo 0 >options/funcgraph-proc");
      await isClean();
    });

    it("leaves nothing when its client is killed", async () => {
      const client = spawn(process.execPath, ["--import=tsx", join(import.meta.dirname, "graphClient.ts"), name, "tcp_v4_rcv"], { stdio: ["ignore", "pipe", "inherit"] });
      const [said] = (await Promise.race([once(client.stdout, "data"), once(client, "exit")])) as unknown[];
      assert.match(String(said), /tracing/);
      assert.notEqual(await inGuest(state, everything), clean);
      client.kill("SIGKILL");
      await isClean();
    });

    // Where settings of the kernel have to be given back.
    if (kernel === "6.1") it("leaves nothing when the link goes silent", async () => {
      const folder = mkdtempSync(join(tmpdir(), "knetscope-"));
      const proxy = await silentProxy(state.port);
      const configFile = join(folder, "config");
      const direct = new RegExp(`^(Host ${state.alias}\\n[^]*?)Port \\d+`, "m");
      writeFileSync(configFile, readFileSync(state.sshConfigFile, "utf8").replace(direct, `$1HostKeyAlias [127.0.0.1]:${state.port}\n  Port ${proxy.port}`));
      const far = await connectLab({ ...state, sshConfigFile: configFile });
      try {
        const trace = await graph([], {}, { on: far });
        await trace.ready;
        proxy.pull();
        await isClean();
      } finally {
        await far.dispose();
        proxy.close();
        rmSync(folder, { recursive: true });
      }
    });
  });
}
