import assert from "node:assert/strict";
import { nearestTraceable } from "../../src/session/probeFrame";
import { makeFrame, type FrameParts } from "../../src/stacks/parseFrame";

const frame = (symbol: string, parts: FrameParts = {}) => makeFrame({ symbol, offset: 4, ...parts });
const functions = [{ name: "caller", isTraceable: true }, { name: "callee", isTraceable: true }, { name: "asm", isTraceable: false }, { name: "unlisted" }];

describe("nearestTraceable", () => {
  const stack = [frame("callee"), frame("inner", { kind: "inlined" }), frame("asm"), frame("f.cold"), frame("caller")];
  const nearest = (at: number, what: "function" | "line" = "function") => nearestTraceable(stack, at, what, { functions });
  it("takes the frame itself when it can be traced", () => assert.deepEqual(nearest(0), { index: 0 }));
  it("takes the nearest caller of what was inlined, is assembler or a cold part, and says why", () => {
    assert.deepEqual([nearest(1).index, nearest(2).index, nearest(3).index], [4, 4, 4]);
    assert.match(nearest(1).note ?? "", /^inner\+0x4 was inlined: it has no code of its own; its nearest caller that can be is caller\.$/);
    assert.match(nearest(2).note ?? "", /assembler or marked notrace/);
    assert.match(nearest(3).note ?? "", /cold part/);
  });
  it("goes inwards when no caller can be", () => assert.match(nearestTraceable([frame("callee"), frame("asm")], 1, "function", { functions }).note ?? "", /the nearest it called that can be is callee/));
  it("needs an offset for a place", () => assert.match(nearestTraceable([makeFrame({ symbol: "callee" }), frame("caller")], 0, "line", { functions }).note ?? "", /has no offset; its nearest caller/));
  it("believes a kernel that lists no traceable functions", () => assert.deepEqual(nearestTraceable([frame("unlisted")], 0, "function", { functions }), { index: 0 }));
  it("says when nothing can be", () => assert.deepEqual(nearestTraceable([frame("asm")], 0, "function", { functions }), { index: -1, note: "asm+0x4 cannot be traced: it is assembler or marked notrace, and neither can any other frame of this stack." }));
});
