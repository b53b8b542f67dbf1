import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFrame } from "../../../src/stacks/parseFrame";
import { stackText } from "../../../src/vscode/stackDocuments/stackText";
import { terminalFrames } from "../../../src/vscode/stackDocuments/terminalFrames";
import { resetGroup } from "../support/samples";

describe("stackText", () => {
  const { text, marks } = stackText("1 stack, resolved on lab (6.1)", [{ stack: { format: "bpftrace", line: 3, frames: [], lines: [] }, frames: resetGroup().stack }], ["line 9: strange: ???"]);
  it("shows frames, inlined functions, lines and what was not understood", () => {
    assert.equal(text, `# 1 stack, resolved on lab (6.1)

# bpftrace, line 3
  0  tcp_v4_send_reset+0x1/0x4a0
     └ tcp_v4_send_reset                    net/ipv4/tcp_ipv4.c:703
  1  ip_local_deliver_finish+0x5f/0x80
     │ rcu_read_unlock                      include/linux/rcupdate.h:779  inlined
     └ ip_local_deliver_finish              net/ipv4/ip_input.c:233
  2  veth_poll+0x10/0x20 [veth]  ! no debuginfo for module veth

# not understood: line 9: strange: ???
`);
  });
  it("says once why a stack of another kernel has no lines, and links none to the host's source", () => {
    const stack = { format: "oops-x86", line: 1, build: "5.4", frames: [], lines: [] } as const;
    const refused = { status: "no-debuginfo", message: "None of the kernel of the trace was found on this machine or on lab. To fetch it: debuginfod-find debuginfo ab", lookup: "exact", frames: [] } as const;
    const other = { stack, frames: [{ ...refused, input: "a+0x1" }, { ...refused, input: "b+0x1" }], otherKernel: "The text is of 5.4. These lines are of the build that the text names." };
    const named = { ...other, frames: resetGroup().stack };
    const result = stackText("2 stacks", [other, named], []);
    assert.match(result.text, /^# 2 stacks\n\n# oops-x86, line 1, of 5\.4\n# None of .* on lab\. To fetch it:\n# debuginfod-find debuginfo ab\n {2}0 {2}a\+0x1\n {2}1 {2}b\+0x1\n/);
    assert.match(result.text, /of 5\.4\n# The text is of 5\.4\. These lines are of the build that the text names\.\n {2}0 {2}tcp_v4_send_reset/);
    assert.ok(result.marks.every(({ place }) => place === undefined));
  });
  it("marks exactly the texts that lead somewhere", () => {
    const lines = text.split("\n");
    const marked = marks.map(({ line, start, end, place }) => [lines[line]?.slice(start, end), place?.line]);
    assert.deepEqual(marked, [
      ["tcp_v4_send_reset+0x1/0x4a0", undefined], ["net/ipv4/tcp_ipv4.c:703", 703], ["ip_local_deliver_finish+0x5f/0x80", undefined],
      ["include/linux/rcupdate.h:779", 779], ["net/ipv4/ip_input.c:233", 233], ["veth_poll+0x10/0x20 [veth]", undefined],
    ]);
  });
});

describe("terminalFrames", () => {
  const check = (line: string, expected: (readonly [string, string])[]): void =>
    assert.deepEqual(terminalFrames(line).map(({ text, kind }) => [text, kind]), expected);
  it("finds frames of a report with their modules", () => check("[  1.2]  ? nf_hook_slow+0x41/0xc0 [nf_tables 0123456789abcdef]", [["nf_hook_slow+0x41/0xc0 [nf_tables 0123456789abcdef]", "return"]]));
  it("takes a program counter as it is", () => check("RIP: 0010:tcp_v4_rcv+0x536/0xee0", [["tcp_v4_rcv+0x536/0xee0", "exact"]]));
  it("takes a function's first byte as it is", () => check("tcp_v4_send_reset+0x0/0x4a0", [["tcp_v4_send_reset+0x0/0x4a0", "exact"]]));
  it("believes decimal offsets that stand alone", () => check("        tcp_v4_rcv+2459", [["tcp_v4_rcv+2459", "return"]]));
  it("takes the place that a program's run shows behind a frame as a part of the link", () => {
    const line = "        tcp_v4_rcv+2459  net/ipv4/tcp_ipv4.c:2149";
    const expected = { start: 8, length: line.length - 8, text: "tcp_v4_rcv+2459", kind: "return" };
    assert.deepEqual(terminalFrames(line), [expected]);
    assert.deepEqual(terminalFrames(line.replace("tcp", "ffffffffa7914fed tcp")), [{ ...expected, start: 25 }]);
  });
  it("knows tracers' and debuggers' frames by their marks", () => {
    check(" => tcp_v4_rcv", [["tcp_v4_rcv", "exact"]]);
    check(" #3 [ffffc90000003d50] tcp_v4_rcv at ffffffff81a2b3c4", [["tcp_v4_rcv", "exact"]]);
    check("#0  tcp_v4_rcv (net/ipv4/tcp_ipv4.c:12:3)", [["tcp_v4_rcv", "exact"]]);
    check("\tffffffffbb07c8cb tcp_v4_rcv+2459", [["tcp_v4_rcv+0x99b", "return"]]);
  });
  it("leaves words, registers and hashes alone", () => {
    for (const line of ["  main", "R10: 0000000000000000 R11: 00", "tcp_v4_rcv();", "a => b", "x = 0x1+0x2/0x3", "commit 0123456789abcdef0123456789abcdef01234567"]) check(line, []);
  });
  it("does not take sums for frames", () => check("total = a+1 and b+2", []));
  it("points at text that parseFrame reads, in any line", () =>
    fc.assert(fc.property(fc.string(), fc.string(), (before, after) => {
      const line = `${before} do_one+0x1f/0x20 ${after}`;
      for (const { start, length, text } of terminalFrames(line)) {
        assert.ok(line.slice(start, start + length).startsWith(text));
        assert.ok(parseFrame(text), text);
      }
    })));
});
