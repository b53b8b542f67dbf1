import assert from "node:assert/strict";
import fc from "fast-check";
import { reportPlaces } from "../../../src/server/kernelStacks/reportPlaces";

const draw = (text: string): string[] => reportPlaces(text).map(({ line, start, end, place }) => `${line} ${text.split("\n")[line]?.slice(start, end) ?? ""} ${place.file} ${place.line}`);

describe("reportPlaces", () => {
  for (const [text, expected] of [
    ["\nWARNING: CPU: 3 PID: 1 at net/ipv4/tcp.c:123 f+0x1/0x2", "1 net/ipv4/tcp.c:123 net/ipv4/tcp.c 123"],
    ["WARNING: [cond] net/ipv4/tcp.c:9 at f+0x1/0x2, CPU#0: comm/1", "0 net/ipv4/tcp.c:9 net/ipv4/tcp.c 9"],
    ["[ 1.0] kernel BUG at mm/slub.c:305!", "0 mm/slub.c:305 mm/slub.c 305"],
    [" tcp_v4_rcv+0x1/0x2 net/ipv4/tcp_ipv4.c:2103", "0 net/ipv4/tcp_ipv4.c:2103 net/ipv4/tcp_ipv4.c 2103"],
    [" tcp_hdr include/linux/tcp.h:30 [inline]", "0 include/linux/tcp.h:30 include/linux/tcp.h 30"],
    [" f (./arch/x86/entry.S:12)", "0 ./arch/x86/entry.S:12 ./arch/x86/entry.S 12"],
  ] as const) {
    it(text.trim(), () => assert.deepEqual(draw(text), [expected]));
  }
  it("leaves other places alone: compilers, programs, addresses", () => {
    for (const text of ["main.c:12: warning: unused", "at foo.c:3", "http://a.c:80/", "a.c:0", "see net/ipv4/tcp.c:12"]) assert.deepEqual(draw(text), [], text);
  });
  it("never names columns outside of the line", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom("a", ".c:1", "\n", " ", "WARNING: ", "\r", "(", "/") }), (text) => {
      for (const { line, start, end } of reportPlaces(text)) assert.ok(start >= 0 && start < end && end <= (text.split("\n")[line] ?? "").length);
    }));
  });
});
