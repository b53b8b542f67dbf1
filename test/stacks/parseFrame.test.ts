import assert from "node:assert/strict";
import fc from "fast-check";
import { vaddr } from "../../src/base/brands";
import { formatFrame, parseFrame } from "../../src/stacks/parseFrame";
import type { StackFrame } from "../../src/stacks/stack";
import { symbols } from "../support/symbols";

const exact = { kind: "exact", reliable: true } as const;

function check(text: string, expected: Omit<StackFrame, "kind" | "reliable"> & { reliable?: boolean }): void {
  it(text, () => assert.deepEqual(parseFrame(text), { ...exact, ...expected }));
}

describe("parseFrame", () => {
  check("tcp_v4_rcv", { symbol: "tcp_v4_rcv" });
  check("tcp_v4_rcv+0x99b/0xee0", { symbol: "tcp_v4_rcv", offset: 0x99b, size: 0xee0 });
  check("tcp_v4_rcv+2459", { symbol: "tcp_v4_rcv", offset: 2459 });
  check("tcp_v4_rcv+0x10", { symbol: "tcp_v4_rcv", offset: 16 });
  check("nft_do_chain+0x1a/0x2b [nf_tables]", { symbol: "nft_do_chain", offset: 0x1a, size: 0x2b, module: "nf_tables" });
  check("nft_do_chain [nf_tables]", { symbol: "nft_do_chain", module: "nf_tables" });
  check("tcp_v4_rcv+0x1e4 [kernel]", { symbol: "tcp_v4_rcv", offset: 0x1e4 });
  check("tcp_v4_rcv+0x7b ([kernel.kallsyms])", { symbol: "tcp_v4_rcv", offset: 0x7b });
  check("0xffffffffbb07a0e1", { address: vaddr(0xffffffffbb07a0e1n) });
  check("ffffffffbb07a0e1", { address: vaddr(0xffffffffbb07a0e1n) });
  check("[<ffffffffbb07a0e1>]", { address: vaddr(0xffffffffbb07a0e1n) });
  check("ffffffffbb07a0e1 tcp_v4_rcv+1", { symbol: "tcp_v4_rcv", offset: 1, address: vaddr(0xffffffffbb07a0e1n) });
  check("? do_softirq.part.0+0x5f/0x70", { symbol: "do_softirq.part.0", offset: 0x5f, size: 0x70, reliable: false });
  check("[<0>] kthread+0xda/0x100", { symbol: "kthread", offset: 0xda, size: 0x100 });
  check("deadbeef", { symbol: "deadbeef" });
  check("f+0x1/0x2 [m 0123456789abcdef0123456789abcdef01234567]", {
    symbol: "f", offset: 1, size: 2, module: "m",
    buildId: "0123456789abcdef0123456789abcdef01234567" as StackFrame["buildId"] & string,
  });

  for (const text of ["", "  ", "0x1+0x2/0x3", "R10: 0000000000000000", "a b c", "tcp_v4_rcv+", "f+0xg", "f (/lib/libc.so.6)", "f+1 [/usr/bin/x]", "<TASK>", "12"]) {
    it(`is no frame: ${JSON.stringify(text)}`, () => assert.equal(parseFrame(text), undefined));
  }

  it("reads back what formatFrame writes", () => {
    const frames = fc.record(
      { symbol: symbols, offset: fc.nat(), size: fc.nat(), module: fc.constantFrom("nf_tables", "xt-x", "tls") },
      { requiredKeys: ["symbol", "offset"] },
    );
    fc.assert(fc.property(frames, (frame) => assert.deepEqual(parseFrame(formatFrame({ ...frame, ...exact })), { ...frame, ...exact })));
    fc.assert(fc.property(fc.bigInt(1n, 2n ** 64n - 1n), (address) => {
      assert.deepEqual(parseFrame(formatFrame({ address: vaddr(address), ...exact })), { address: vaddr(address), ...exact });
    }));
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseFrame(text)));
  });
});
