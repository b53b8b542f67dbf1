import assert from "node:assert/strict";
import fc from "fast-check";
import { callTree, type CallNode } from "../../../src/stacks/model/callTree";
import { compareTraces, type ComparedNode } from "../../../src/stacks/model/compareTraces";
import { foldStacks, mergeStacks, totalCount } from "../../../src/stacks/model/foldStacks";
import { countByLine, groupByCause, groupByPrefix, sharedPrefix } from "../../../src/stacks/model/groupStacks";
import { frameLine, type WeightedStack } from "../../../src/stacks/model/weightedStack";
import { drawnStacks } from "../../support/drawnStacks";

const draw = (stacks: readonly WeightedStack[]): string[] => stacks.map(({ frames, count }) => `${frames.map(frameLine).join(" ")} ${count}`);

const drawTree = (nodes: readonly CallNode[], depth = 0): string[] =>
  nodes.flatMap((node) => [`${"  ".repeat(depth)}${node.key} ${node.total}${node.self > 0 ? ` self ${node.self}` : ""}`, ...drawTree(node.children, depth + 1)]);

const drawComparison = (nodes: readonly ComparedNode[], depth = 0): string[] =>
  nodes.flatMap((node) => [`${"  ".repeat(depth)}${node.key} ${node.before}→${node.after} ${node.change > 0 ? "+" : ""}${node.change.toFixed(2)}`, ...drawComparison(node.children, depth + 1)]);

const sample = drawnStacks(`
  syscall connect tcp_v4_rcv send_reset 3
  syscall connect tcp_v4_rcv send_reset 2
  syscall close tcp_close send_active_reset 4
  syscall close tcp_close 1
`);

describe("stacks as data", () => {
  it("equal stacks fold into one", () => {
    assert.deepEqual(draw(foldStacks(sample)), ["syscall connect tcp_v4_rcv send_reset 5", "syscall close tcp_close send_active_reset 4", "syscall close tcp_close 1"]);
  });

  it("lines part stacks only when they are asked for, causes always", () => {
    const stacks = drawnStacks("a b@f.c:1 2\na b@f.c:9 3");
    assert.equal(foldStacks(stacks).length, 1);
    assert.equal(foldStacks(stacks, frameLine).length, 2);
    assert.equal(foldStacks(drawnStacks("a b !closed 1\na b !killed 1")).length, 2);
  });

  it("a tree of calls, heaviest first", () => {
    assert.deepEqual(drawTree(callTree(sample).roots), [
      "syscall 10", "  close 5", "    tcp_close 5 self 1", "      send_active_reset 4 self 4", "  connect 5", "    tcp_v4_rcv 5", "      send_reset 5 self 5",
    ]);
  });

  it("groups by cause, by what called, and the prefix that all share", () => {
    const causes = drawnStacks("a b !unread 2\na c !linger 5\na d !unread 4\na e 1");
    assert.deepEqual(groupByCause(causes).map(({ key, count }) => [key, count]), [["unread", 6], ["linger", 5], [undefined, 1]]);
    assert.deepEqual(groupByPrefix(sample, 2).map(({ key, count }) => [key.join(" "), count]), [["syscall connect", 5], ["syscall close", 5]]);
    assert.deepEqual(sharedPrefix(sample), ["syscall"]);
    assert.deepEqual(sharedPrefix(sample.slice(2)), ["syscall", "close", "tcp_close"]);
    assert.deepEqual(sharedPrefix([]), []);
  });

  it("counts each line once a stack", () => {
    const lines = countByLine(drawnStacks("a@f.c:1 b@f.c:7 a@f.c:1 4\na@f.c:1 c 2"));
    assert.deepEqual(lines.map(({ place, total, self, functions }) => `${place.file}:${place.line} ${total} self ${self} ${functions.join()}`), ["f.c:1 6 self 6 a", "f.c:7 4 self 0 b"]);
  });

  it("compares by share where no time is known", () => {
    const { unit, roots } = compareTraces({ stacks: drawnStacks("a b 5\na c 5") }, { stacks: drawnStacks("a b 30\na d 10") });
    assert.equal(unit, "share");
    assert.deepEqual(drawComparison(roots), ["a 10→40 0.00", "  b 5→30 +0.25", "  d 0→10 +0.25", "  c 5→0 -0.50"]);
  });

  it("compares by rate where the times are known: twice as long and twice as much is the same", () => {
    const { unit, roots } = compareTraces({ stacks: drawnStacks("a b 5"), seconds: 10 }, { stacks: drawnStacks("a b 10\na c 20"), seconds: 20 });
    assert.equal(unit, "per second");
    assert.deepEqual(drawComparison(roots), ["a 5→30 +1.00", "  c 0→20 +1.00", "  b 5→10 0.00"]);
  });

  const stacks = fc.array(fc.record({ frames: fc.array(fc.record({ name: fc.constantFrom("a", "b", "c", "d") }), { minLength: 1, maxLength: 6 }), count: fc.integer({ min: 1, max: 1000 }) }), { maxLength: 30 });

  it("no event is lost or made up, by folding, merging, trees or comparison", () => {
    fc.assert(fc.property(stacks, stacks, (some, others) => {
      assert.equal(totalCount(foldStacks(some)), totalCount(some));
      assert.equal(totalCount(mergeStacks(some, others)), totalCount(some) + totalCount(others));
      assert.deepEqual(foldStacks(foldStacks(some)), foldStacks(some));
      const tree = callTree(some);
      assert.equal(tree.total, totalCount(some));
      const check = (node: CallNode): void => {
        assert.equal(node.total, node.self + node.children.reduce((sum, child) => sum + child.total, 0));
        node.children.forEach(check);
      };
      tree.roots.forEach(check);
      const compared = compareTraces({ stacks: some }, { stacks: others });
      assert.deepEqual([compared.before, compared.after], [totalCount(some), totalCount(others)]);
      assert.equal(compared.roots.reduce((sum, node) => sum + node.after, 0), totalCount(others));
    }));
  });

  it("a trace compared with itself shows no change", () => {
    const check = (node: ComparedNode): void => {
      assert.equal(node.change, 0);
      node.children.forEach(check);
    };
    fc.assert(fc.property(stacks, (some) => {
      compareTraces({ stacks: some }, { stacks: some }).roots.forEach(check);
    }));
  });
});
