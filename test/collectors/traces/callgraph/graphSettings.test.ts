import assert from "node:assert/strict";
import fc from "fast-check";
import { graphSettings, cpuMask, others, tooLong } from "../../../../src/collectors/traces/callgraph/graphSettings";
import { graphLimitWords, parseGraphLimits, parseNanoseconds } from "../../../../src/collectors/traces/callgraph/graphLimits";
import { parseGraphFacts, type GraphFacts } from "../../../../src/probes/graphFacts";

/** As 6.1 and 6.12 answer, shortened. */
const answer = (...more: readonly string[]): GraphFacts => parseGraphFacts([
  "enabled 1", ...["set_graph_function", "set_graph_notrace", "set_ftrace_filter", "set_ftrace_pid"].map((file) => `setting ${file}`),
  "setting current_tracer", ...(more.some((line) => line.startsWith("value current_tracer")) ? [] : ["value current_tracer nop"]), "setting max_graph_depth", "value max_graph_depth 0",
  "setting tracing_on", "value tracing_on 1", "setting tracing_cpumask", "value tracing_cpumask 3", "setting options/funcgraph-tail", "value options/funcgraph-tail 0", "events 0", ...more,
]);
const inInstance = "tracers function_graph function nop";

describe("what a call graph sets", () => {
  it("in an instance: shared filters are given back, what is the instance's own is not", () => {
    const { apply, restore, given } = graphSettings(answer(inInstance), "tcp_v4_rcv", 12, { depth: 3, cpu: 33, without: ["kfree"] });
    assert.deepEqual(apply.split("\n"), [
      "fill all set_graph_function tcp_v4_rcv", "fill all set_graph_notrace kfree", "fill own set_ftrace_pid 12", "put all max_graph_depth 3", "put own tracing_cpumask 2,00000000", "put own options/funcgraph-tail 1",
    ]);
    assert.deepEqual(restore.split("\n"), ["fill all set_graph_function", "fill all set_graph_notrace", "put all max_graph_depth 0", "put all options/funcgraph-tail 0"]);
    assert.deepEqual(given, ["set_graph_function = (nothing)", "set_graph_notrace = (nothing)", "max_graph_depth = 0"]);
  });
  it("in the shared tracer: all of it is given back, the tracer last", () => {
    const { apply, restore } = graphSettings(answer("value set_ftrace_filter tcp_ack", "value set_ftrace_filter nf_ct_get [nf_conntrack]"), "tcp_v4_rcv", undefined, {});
    assert.ok(apply.includes("fill all set_ftrace_filter\n") && apply.includes("put all max_graph_depth 6"));
    assert.ok(restore.includes("fill all set_ftrace_filter tcp_ack nf_ct_get\n"));
    assert.deepEqual(restore.split("\n").slice(-2), ["put all current_tracer nop", "put all tracing_on 1"]);
  });
  it("nothing that a kernel holds becomes part of the script", () =>
    fc.assert(fc.property(fc.string({ minLength: 1 }).filter((text) => !/\n/.test(text)), (text) => {
      const { restore } = graphSettings({ ...answer(), settings: new Map([["max_graph_depth", [text]]]) }, "f", undefined, {});
      assert.match(restore.split("\n")[0] ?? "", /^put all max_graph_depth (?:[\w@%+=:,./-]+|'(?:[^']|'\\'')*')$/);
    })));
  it("writes masks of CPUs as the kernel reads them", () => assert.deepEqual([0, 3, 31, 32, 70].map(cpuMask), ["1", "8", "80000000", "1,00000000", "40,00000000,00000000"]));
});

describe("others that trace there", () => {
  it("are none on a quiet host", () => assert.deepEqual([others(answer()), others(answer(inInstance)), tooLong(answer())], [[], [], undefined]));
  it("are named, each for what it does", () => {
    const busy = ["value current_tracer function", "value set_ftrace_filter tcp_ack", "reader cat[77]"];
    assert.deepEqual(others({ ...answer(...busy), events: 2 }), [
      "The shared tracer is in use: current_tracer is function.", "2 events are enabled in the shared tracer.", "cat[77] reads the shared trace_pipe.", "set_ftrace_filter is set (tcp_ack).",
    ]);
    assert.deepEqual(others(answer(inInstance, "value set_graph_function schedule", "instance lab")), ["The instance lab traces with function_graph, whose filters are the same for all.", "set_graph_function is set (schedule)."]);
  });
  it("in the shared tracer do not bother an instance", () => assert.deepEqual(others(answer(inInstance, "value current_tracer function", "value set_ftrace_filter tcp_ack", "reader cat[77]")), []));
  it("a filter too long to be given back is said", () => assert.equal(tooLong(answer(...Array.from({ length: 1001 }, (_, index) => `value set_ftrace_filter f${index}`))), "set_ftrace_filter"));
});

describe("limits", () => {
  it("are read as they are typed, and said in short", () => {
    const limits = parseGraphLimits("depth=3 cpu=0 comm=nginx pid=812 slower=100us without=kfree,sched*");
    assert.deepEqual(limits, { depth: 3, cpu: 0, comm: "nginx", pid: 812, slowerThanNs: 100_000, without: ["kfree", "sched*"] });
    assert.deepEqual(graphLimitWords(limits), ["depth 3", "cpu 0", "nginx", "at least 100 µs", "without kfree, sched*"]);
    assert.throws(() => parseGraphLimits("depth=x"), /not understood: depth=x/);
    assert.throws(() => parseGraphLimits("without=a;b"), /not understood/);
  });
  it("never take a word for another", () => fc.assert(fc.property(fc.string(), (text) => {
    try {
      parseGraphLimits(text);
    } catch (error) {
      assert.match((error as Error).message, /not understood/);
    }
    const time = parseNanoseconds(text);
    assert.ok(time === undefined || time >= 0);
  })));
});
