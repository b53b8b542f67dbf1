import assert from "node:assert/strict";
import { resolvedLines, stackLines } from "../../src/cli/resolvedFrames";
import type { Output } from "../../src/cli/output";
import type { ResolvedFrame } from "../../src/symbolize/resolvedFrame";

const plain: Output = { json: false, color: false, line: () => undefined, object: () => undefined, note: () => undefined, progress: () => undefined };
const missing = (input: string, message: string): ResolvedFrame => ({ input, status: "no-debuginfo", message, lookup: "exact", frames: [] });

describe("stackLines", () => {
  it("says a reason that frames share once, below them, and others beside their frame", () => {
    const stack = [missing("a+0x1", "No debuginfo."), missing("b+0x2", "No line."), missing("c+0x3", "No debuginfo.")];
    assert.deepEqual(stackLines(plain, stack, "  "), ["  a+0x1", "  b+0x2  No line.", "  c+0x3", "  No debuginfo."]);
  });

  it("says what a bare address is", () => {
    const frame: ResolvedFrame = { input: "0xffffffff81000010", symbol: "f", offset: 0x10, size: 0x20, module: "m", status: "ok", lookup: "exact", frames: [] };
    assert.deepEqual(resolvedLines(plain, { ...frame, message: "No line." }), ["0xffffffff81000010 = f+0x10/0x20 [m]  No line."]);
  });

  it("shows inlined functions under their frame, innermost first", () => {
    const source = (file: string, line: number) => ({ file, line });
    const frame: ResolvedFrame = {
      input: "net_rx_action+0x2a0",
      status: "ok",
      lookup: "caller",
      frames: [
        { function: "napi_poll", source: source("net/core/dev.c", 6714), inlined: true },
        { function: "net_rx_action", source: source("net/core/dev.c", 6828), inlined: false },
      ],
    };
    assert.deepEqual(stackLines(plain, [frame], ""), [
      "net_rx_action+0x2a0 (call)",
      "    napi_poll (inlined) at net/core/dev.c:6714",
      "    net_rx_action at net/core/dev.c:6828",
    ]);
  });
});
