import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlameGraphData } from "../../../src/protocol/flameGraph";
import { comparedFlameData, flameData } from "../../../src/vscode/webviewHost/flameData";
import { FlameModel } from "../../../src/webviews/flamegraph/flameModel";
import { functionTable } from "../../../src/webviews/flamegraph/functionTable";
import { describeNode } from "../../../src/webviews/flamegraph/words";
import { drawnStacks } from "../../support/drawnStacks";

const stacks = drawnStacks(`
  syscall connect tcp_v4_rcv@net/ipv4/tcp_ipv4.c:2149 send_reset 6
  syscall close tcp_close ~sock_orphan@net/core/sock.c:7 3
  syscall close tcp_close 1
`);
const graph = (byLine = false): Promise<FlameGraphData> => flameData({ title: "t", counted: "resets", stacks }, byLine);

async function modelOf(data: Promise<FlameGraphData> | FlameGraphData = graph()): Promise<FlameModel> {
  const model = new FlameModel();
  model.setData(await data);
  return model;
}

/** Row by row, `name x+width` of 100 pixels. */
function draw(model: FlameModel): string[] {
  const rows: string[][] = [];
  for (const { node, x, width, row } of model.boxes(100)) (rows[row] ??= []).push(`${model.label(node)} ${Math.round(x)}+${Math.round(width)}`);
  return rows.map((row) => row.join("  "));
}

describe("flame graph", () => {
  it("callers above what they called, heaviest first", async () => {
    assert.deepEqual(draw(await modelOf()), ["syscall 0+100", "connect 0+60  close 60+40", "tcp_v4_rcv 0+60  tcp_close 60+40", "send_reset 0+60  sock_orphan 60+30"]);
  });

  it("zooms: what calls the node keeps the whole width, what lies beside is gone", async () => {
    const model = await modelOf();
    const close = model.children(0)[1] ?? -1;
    model.zoomTo(close);
    assert.deepEqual(draw(model), ["syscall 0+100", "close 0+100", "tcp_close 0+100", "sock_orphan 0+75"]);
    model.setData(await graph());
    assert.equal(model.label(model.zoom), "close", "the zoom stays when the trace goes on");
    model.setData(await flameData({ title: "t", counted: "resets", stacks: drawnStacks("other a 1") }, false));
    assert.equal(model.zoom, -1, "and ends when the function is gone");
  });

  it("does not draw what cannot be seen, nor anything below it", async () => {
    const model = await modelOf(flameData({ title: "t", counted: "x", stacks: drawnStacks("a b c 100000\na d e f 1") }, false));
    assert.deepEqual(draw(model), ["a 0+100", "b 0+100", "c 0+100"]);
  });

  it("finds by words in name, module or file, and counts each event once", async () => {
    const model = await modelOf();
    assert.deepEqual(model.setSearch("tcp"), { nodes: 2, total: 10 });
    assert.deepEqual(model.setSearch("SYSCALL"), { nodes: 1, total: 10 });
    assert.deepEqual(model.setSearch("core/sock"), { nodes: 1, total: 3 });
    assert.deepEqual(model.setSearch("  "), { nodes: 0, total: 0 });
    model.setSearch("close");
    const first = model.nextMatch(-1, 1) ?? -1;
    const second = model.nextMatch(first, 1) ?? -1;
    assert.deepEqual([first, second].map((node) => model.label(node)), ["close", "tcp_close"]);
    assert.equal(model.nextMatch(second, 1), first);
    assert.equal(model.nextMatch(first, -1), second);
  });

  it("says all about a node", async () => {
    const model = await modelOf();
    const rcv = model.children(model.children(0)[0] ?? -1)[0] ?? -1;
    assert.equal(describeNode(model, rcv), "tcp_v4_rcv · 6 resets, 60 % · net/ipv4/tcp_ipv4.c:2149");
  });

  it("compares: width is both together, the change is of the rates", async () => {
    const sides = { before: { title: "b", stacks: drawnStacks("a b 10"), seconds: 10 }, after: { title: "a", stacks: drawnStacks("a b 5\na c 20"), seconds: 10 } };
    const data = comparedFlameData({ title: "t", counted: "resets", ...sides }, false);
    const model = await modelOf(data);
    assert.deepEqual(draw(model), ["a 0+100", "c 0+57  b 57+43"]);
    assert.deepEqual(model.children(0).map((node) => `${model.label(node)} ${model.change(node)}`), ["c 2", "b -0.5"]);
    assert.equal(describeNode(model, 2), "b · 10 before, 5 after, −0.50/s");
  });

  it("as a table a function that calls itself counts once", async () => {
    const rows = functionTable(await flameData({ title: "t", counted: "x", stacks: drawnStacks("a b@f.c:3 a b@f.c:3 2\na 1") }, false));
    assert.deepEqual(rows.map(({ name, total, self, place }) => `${name} ${total} ${self} ${place}`), ["a 3 1 ", "b 2 2 f.c:3"]);
  });

  it("lines apart, when they are wanted", async () => {
    const two = flameData({ title: "t", counted: "x", stacks: drawnStacks("a@f.c:1 b 1\na@f.c:2 b 1") }, true);
    assert.equal((await modelOf(two)).children(-1).length, 2);
  });

  it("boxes of one row never overlap, and lie inside of their caller", async () => {
    const names = fc.constantFrom("a", "b", "c", "d");
    const some = fc.array(fc.record({ frames: fc.array(fc.record({ name: names }), { minLength: 1, maxLength: 6 }), count: fc.integer({ min: 1, max: 100 }) }), { maxLength: 40 });
    await fc.assert(fc.asyncProperty(some, fc.nat(200), async (list, at) => {
      const model = await modelOf(flameData({ title: "t", counted: "x", stacks: list }, false));
      if (at < model.size) model.zoomTo(at);
      const boxes = model.boxes(1000);
      const byNode = new Map(boxes.map((box) => [box.node, box]));
      for (const box of boxes) {
        const caller = byNode.get(model.parent(box.node));
        if (caller) assert.ok(box.x >= caller.x - 1e-6 && box.x + box.width <= caller.x + caller.width + 1e-6);
        for (const other of boxes) assert.ok(other === box || other.row !== box.row || other.x >= box.x + box.width - 1e-6 || box.x >= other.x + other.width - 1e-6);
      }
    }));
  });
});
