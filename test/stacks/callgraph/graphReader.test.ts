import assert from "node:assert/strict";
import fc from "fast-check";
import type { GraphCall, GraphRoot } from "../../../src/stacks/callgraph/graphCall";
import { parseGraphLine } from "../../../src/stacks/callgraph/graphLine";
import { GraphReader } from "../../../src/stacks/callgraph/graphReader";

interface Read {
  readonly roots: GraphRoot[];
  readonly lost: number;
  readonly incomplete: number;
}

function read(text: string, roots?: readonly string[], limit?: number): Read {
  const found: GraphRoot[] = [];
  let lost = 0;
  const reader = new GraphReader({ ...(roots && { roots: new Set(roots) }), ...(limit === undefined ? {} : { limit }), onCall: (root) => found.push(root), onLost: (events) => (lost += events) });
  for (const line of text.split("\n")) reader.line(line);
  reader.end();
  return { roots: found, lost, incomplete: reader.incompleteCalls() };
}

/** `f(g h(i))` and `?` behind a call whose end is missing. */
const draw = ({ symbol, durationNs, calls }: GraphCall): string => `${symbol}${durationNs === undefined ? "?" : ""}${calls.length === 0 ? "" : `(${calls.map(draw).join(" ")})`}`;
const drawn = ({ roots }: Read): readonly string[] => roots.map(({ call }) => draw(call));

/** As 6.12 writes it, shortened. */
const sent = ` 0)    sshd-228    |               |  tcp_sendmsg() {
 0)    sshd-228    |               |    lock_sock_nested() {
 0)    sshd-228    |   2.925 us    |      __cond_resched();
 0)    sshd-228    | + 38.236 us   |    } /* lock_sock_nested */
 0)    sshd-228    |   1.690 us    |    skb_push [my_mod]();
 0)    sshd-228    | * 18397.77 us |  } /* tcp_sendmsg */`;

describe("parseGraphLine", () => {
  it("reads the columns, with and without a time and flags before them", () => {
    const leaf = { kind: "call", cpu: 0, task: { comm: "sshd", pid: 228 }, depth: 2, symbol: "__cond_resched", isLeaf: true, durationNs: 2925 };
    assert.deepEqual(parseGraphLine(" 0)    sshd-228    |   2.925 us    |      __cond_resched();"), leaf);
    assert.deepEqual(parseGraphLine("  312.412345 |   0)    sshd-228    |  d.s.. |   2.925 us    |      __cond_resched();"), leaf);
    assert.deepEqual(parseGraphLine(" 0)   2.925 us    |      __cond_resched();"), { kind: "call", cpu: 0, depth: 2, symbol: "__cond_resched", isLeaf: true, durationNs: 2925 });
  });
  it("reads durations with every mark", () => {
    for (const mark of ["$", "@", "*", "#", "!", "+", " "]) {
      const line = parseGraphLine(` 1)  <idle>-0     | ${mark} 18397.77 us |  } /* tcp_v4_rcv */`);
      assert.deepEqual(line, { kind: "return", cpu: 1, task: { comm: "<idle>", pid: 0 }, depth: 0, symbol: "tcp_v4_rcv", durationNs: 18397770 }, mark);
    }
  });
  it("reads what a call was given and returned, in the old form and the new one", () => {
    const line = (text: string): Record<string, unknown> => ({ ...parseGraphLine(` 0)  a-1  |   1.000 us    |  ${text}`) });
    assert.deepEqual([line("f(); /* = 0x0 */")["returned"], line("f(); /* ret=-11 */")["returned"], line("} /* f = -95 */")["returned"], line("} /* f <-g+0x1f/0x20 ret=0x2 */")["returned"]], ["0x0", "-11", "-95", "0x2"]);
    const withArgs = line("tcp_push(sk=0xffff8881, flags=0x0, mss_now=1448) {");
    assert.deepEqual([withArgs["symbol"], withArgs["args"], withArgs["isLeaf"], withArgs["returned"]], ["tcp_push", "sk=0xffff8881, flags=0x0, mss_now=1448", false, undefined]);
  });
  it("knows interrupts, lost lines, and what is nothing of a call", () => {
    assert.deepEqual(parseGraphLine(" 0)    sshd-228    |   ==========> |"), { kind: "interrupt", cpu: 0, task: { comm: "sshd", pid: 228 }, enters: true });
    assert.deepEqual(parseGraphLine(" 0)   <========== |"), { kind: "interrupt", cpu: 0, enters: false });
    assert.deepEqual(parseGraphLine("CPU:1 [LOST 2571175 EVENTS]"), { kind: "lost", cpu: 1, events: 2571175 });
    for (const text of [" 0)    <idle>-0    =>     nc-253    ", " ------------------------------------------", "", "# tracer: function_graph", " 0)  a-1  |               |  /* sys_enter: NR 1 */"]) assert.deepEqual(parseGraphLine(text), { kind: "other" }, text);
    assert.equal(parseGraphLine("[   12.3] tcp_v4_rcv+0x1/0x2"), undefined);
  });
  it("never throws", () => fc.assert(fc.property(fc.string(), fc.string(), (a, b) => [parseGraphLine(a), parseGraphLine(` 0)  ${a}-1  | ${b} us |  ${a}() {`)].length > 0)));
});

describe("GraphReader", () => {
  it("makes a tree with durations", () => {
    const { roots: [root], incomplete } = read(sent);
    assert.equal(draw(root!.call), "tcp_sendmsg(lock_sock_nested(__cond_resched) skb_push)");
    assert.deepEqual([root?.cpu, root?.task, root?.call.durationNs, root?.call.calls[1]?.module, incomplete], [0, { comm: "sshd", pid: 228 }, 18397770, "my_mod", 0]);
  });
  it("keeps a task's call together over a switch to another task and another CPU", () => {
    assert.deepEqual(drawn(read(` 0)   a-1   |               |  f() {
 0)   a-1   |               |    schedule() {
 ------------------------------------------
 0)     a-1     =>     b-2
 ------------------------------------------

 0)   b-2   |               |  f() {
 1)   a-1   |   9.000 us    |    } /* schedule */
 0)   b-2   |   1.000 us    |    g();
 1)   a-1   |   9.900 us    |  } /* f */
 0)   b-2   |   2.000 us    |  } /* f */`)), ["f(schedule)", "f(g)"]);
  });
  it("idle tasks of two CPUs are two", () => {
    assert.deepEqual(drawn(read(` 0)  <idle>-0   |               |  f() {
 1)  <idle>-0   |               |  f() {
 0)  <idle>-0   |   1.000 us    |    g();
 1)  <idle>-0   |   1.000 us    |    h();
 0)  <idle>-0   |   3.000 us    |  } /* f */
 1)  <idle>-0   |   3.000 us    |  } /* f */`)), ["f(g)", "f(h)"]);
  });
  it("puts interrupts under a call of their own, marked by arrows or by the kernel's entry functions", () => {
    const arrows = read(` 0)  a-1  |               |  f() {
 0)  a-1  |   ==========> |
 0)  a-1  |   5.000 us    |    tick();
 0)  a-1  |   <========== |
 0)  a-1  |   1.000 us    |    g();
 0)  a-1  |   9.000 us    |  } /* f */`);
    const entries = read(` 0)  a-1  |               |  f() {
 0)  a-1  |   2.000 us    |    irq_enter_rcu();
 0)  a-1  |               |    __sysvec_apic_timer_interrupt() {
 0)  a-1  |   1.000 us    |      tick();
 0)  a-1  |   3.000 us    |    } /* __sysvec_apic_timer_interrupt */
 0)  a-1  |   1.000 us    |    irq_exit_rcu();
 0)  a-1  |   1.000 us    |    g();
 0)  a-1  |   9.000 us    |  } /* f */`);
    assert.deepEqual([drawn(arrows), arrows.roots[0]?.call.calls[0]?.durationNs], [["f(interrupt(tick) g)"], 5000]);
    assert.deepEqual([drawn(entries), entries.roots[0]?.call.calls[0]?.durationNs], [["f(interrupt(irq_enter_rcu __sysvec_apic_timer_interrupt(tick) irq_exit_rcu) g)"], 6000]);
  });
  it("does without ends that are missing, and counts what it saw only in part", () => {
    const cut = read(` 0)  a-1  |   1.000 us    |      g();
 0)  a-1  |   9.000 us    |  } /* f */
 0)  a-1  |               |  f() {
 0)  a-1  |               |    g() {
 0)  a-1  |   1.000 us    |    h();
 0)  a-1  |   9.000 us    |  } /* f */
 0)  a-1  |               |  f() {
 0)  a-1  |               |    g() {`, ["f"]);
    assert.deepEqual([drawn(cut), cut.incomplete], [["f(g? h)"], 1]);
  });
  it("takes nothing for granted around lost lines", () => {
    const { lost, incomplete, ...rest } = read(` 0)  a-1  |               |  f() {
 1)  b-2  |               |  f() {
CPU:0 [LOST 12 EVENTS]
 0)  a-1  |   9.000 us    |  } /* f */
 1)  b-2  |   9.000 us    |  } /* f */`);
    assert.deepEqual([drawn({ lost, incomplete, ...rest }), lost, incomplete], [["f"], 12, 1]);
  });
  it("bounds what it keeps of one root, and says how much it left out", () => {
    const { roots: [root] } = read([" 0)  a-1  |               |  f() {", ...Array.from({ length: 10 }, () => " 0)  a-1  |   1.000 us    |    g();"), " 0)  a-1  |   20.00 us    |  } /* f */"].join("\n"), ["f"], 4);
    assert.deepEqual([root?.call.calls.length, root?.leftOut], [4, 6]);
  });

  interface Tree {
    readonly name: string;
    readonly ns: number;
    readonly calls: readonly Tree[];
  }
  const treeOf = (levels: number): fc.Arbitrary<Tree> =>
    fc.record({ name: fc.constantFrom("f", "g", "tcp_v4_rcv", "h.isra.0"), ns: fc.integer({ min: 1, max: 999_999 }), calls: levels === 0 ? fc.constant([]) : fc.array(treeOf(levels - 1), { maxLength: 3 }) });
  const tree = treeOf(3);
  const us = (ns: number): string => `${Math.floor(ns / 1000)}.${String(ns % 1000).padStart(3, "0")} us`;
  const print = (cpu: number, task: string, { name, ns, calls }: Tree, depth = 0): string[] => {
    const line = (time: string, text: string): string => ` ${cpu})  ${task}   |  ${time.padEnd(13)}|  ${"  ".repeat(depth)}${text}`;
    if (calls.length === 0) return [line(us(ns), `${name}();`)];
    return [line("", `${name}() {`), ...calls.flatMap((call) => print(cpu, task, call, depth + 1)), line(us(ns), `} /* ${name} */`)];
  };
  const same = (call: GraphCall, { name, ns, calls }: Tree): boolean => call.symbol === name && call.durationNs === ns && call.calls.length === calls.length && call.calls.every((inner, index) => same(inner, calls[index]!));

  it("reads back every forest, however the lines of CPUs and tasks are mixed", () =>
    fc.assert(fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()), (trees, dice) => {
      const queues = trees.map((item, index) => print(index, index % 2 === 0 ? `t${index}-${index + 1}` : "<idle>-0", item));
      const lines: string[] = [];
      for (const next of dice) {
        const waiting = queues.filter((queue) => queue.length > 0);
        if (waiting.length === 0) break;
        lines.push(waiting[next % waiting.length]!.shift()!);
      }
      const { roots, incomplete } = read(lines.join("\n"));
      assert.equal(incomplete, 0);
      assert.ok(trees.every((item, index) => roots.some(({ cpu, call }) => cpu === index && same(call, item))));
    })));
  it("of a text with lines missing anywhere it makes no call up, and no longer one", () =>
    fc.assert(fc.property(tree, fc.array(fc.boolean(), { minLength: 5, maxLength: 60 }), (item, keep) => {
      const lines = print(0, "a-1", { ...item, name: "root" });
      const { roots } = read(lines.filter((_, index) => keep[index % keep.length]).join("\n"), ["root"]);
      const names = new Set(lines.flatMap((line) => /([\w.]+)\(/.exec(line)?.[1] ?? []));
      const known = (call: GraphCall): boolean => names.has(call.symbol) && call.calls.every(known);
      assert.ok(roots.length <= 1 && roots.every(({ call }) => call.symbol === "root" && call.durationNs === item.ns && known(call)));
    })));
  it("never throws", () => fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...sent.split("\n"), " 0)  sshd-228  |   ==========> |", " 0)  sshd-228  |   <========== |", "CPU:0 [LOST 1 EVENTS]"), fc.string())), (lines) => void read(lines.join("\n")))));
});
