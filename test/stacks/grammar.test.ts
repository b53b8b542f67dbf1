import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { frameSpan } from "../../src/stacks/frameSpan";
import { parseStacks } from "../../src/stacks/parseStacks";
import type { StackFormat } from "../../src/stacks/stack";
import { GrammarScopes, type ScopedPiece } from "../support/grammarScopes";

const fixtures = join(import.meta.dirname, "../fixtures/stacks");

/** A text of each notation that people read; the others are JSON. */
const families: Readonly<Record<Exclude<StackFormat, "json" | "speedscope">, string>> = {
  "bpftrace": "@[\n    tcp_v4_rcv+2459\n    nft_do_chain+12\n]: 3",
  "bpftrace-perf": "@[\n\tffffffffbb07c8cb tcp_v4_rcv+2459\n\tffffffffbb0448e2 ip_rcv+50\n]: 3",
  "bcc": "  b'tcp_v4_rcv+0x1 [kernel]'\n  nft_do_chain+0x2 [nf_tables]\n    7",
  "perf-script": "nginx 12 [000] 1.5: probe:f: (ffffffff8187a0e0)\n\tffffffff8187a0e1 f+0x1 ([kernel.kallsyms])\n\tffffffffc0a8d1f4 nft_do_chain+0x2 ([nf_tables])\n\t          8d60a0 ip_rcv (/usr/lib/debug/vmlinux)",
  "perf-report": "    60.00%  nginx  [kernel.kallsyms]  [k] tcp_v4_rcv\n            |\n            ---tcp_v4_rcv\n               ip_rcv\n               |\n               |--40.00%--process_backlog\n               |          net_rx_action\n               |\n                --20.00%--napi_gro_receive",
  "ftrace": " nginx-812 [001] d.s3. 1062.76: <stack trace>\n => tcp_v4_rcv\n => ip_rcv+0x32/0x1d0\n => kfree_skb_reason (ffffffffbaf909eb)",
  "function-graph": " 0)               |  tcp_v4_rcv() {\n 0)   1.0 us    |    __inet_lookup();\n 0) + 12.0 us   |  }",
  "function-trace": " nginx-812     [001] d.s3.  1062.764234: tcp_v4_send_reset <-tcp_v4_rcv",
  "oops-x86": "[   12.118301][  T123] RIP: 0010:tcp_v4_rcv+0x99b/0x1380\n[   12.1] Call Trace:\n[   12.1]  <IRQ>\n[   12.1]  ? ip_rcv+0x1/0x2\n[   12.1]  nft_do_chain+0x1a/0x2b [nf_tables 0123456789abcdef0123456789abcdef01234567]\n[   12.1]  </IRQ>",
  "oops-arm64": "pc : tcp_v4_rcv+0x8c4/0xd20\nlr : tcp_v4_rcv+0x8a0/0xd20\nCall trace:\n tcp_v4_rcv+0x8c4/0xd20\n nf_hook_slow+0x4c/0x100 [nf_tables]",
  "oops-arm32": "PC is at tcp_v4_rcv+0x10/0x400\n[<c0812345>] (tcp_v4_rcv) from [<c0812399>] (ip_local_deliver+0x20/0x30)\n unwind_backtrace from show_stack+0x10/0x14",
  "oops-riscv": "epc : tcp_v4_rcv+0x10/0x400\n ra : ip_rcv+0x20/0x30\n[<ffffffff80812345>] tcp_v4_rcv+0x10/0x400\n[<ffffffff80812399>] nf_hook_slow+0x20/0x30 [nf_tables]",
  "oops-loongarch": "   ERA: 9000000000812345 tcp_v4_rcv+0x10/0x400\n    ra: 9000000000812399 ip_rcv+0x20/0x30\nCall Trace:\n[<9000000000812345>] tcp_v4_rcv+0x10/0x400",
  "oops-powerpc": "NIP [c000000000812345] tcp_v4_rcv+0x10/0x400\nLR [c000000000812399] ip_rcv+0x20/0x30\nCall Trace:\n[c0000000fffb3a10] [c000000000812399] ip_rcv+0x20/0x30 (unreliable)\n[c0000000fffb3a40] [c0000000008123a1] nf_hook_slow+0x8/0x10 [nf_tables]",
  "oops-s390": "Krnl PSW : 0704c00180000000 00000000008a1b2c (tcp_v4_rcv+0x10/0x400)\nCall Trace:\n [<00000000008a1b2c>] tcp_v4_rcv+0x10/0x400\n([<00000000008a1b40>] ip_rcv+0x20/0x30)",
  "proc-stack": "[<0>] kthread+0xda/0x100\n[<0>] ret_from_fork+0x22/0x30",
  "drgn": "#0  context_switch (./kernel/sched/core.c:5252:2)\n#1  schedule+0x5a/0xd0 (./kernel/sched/core.c:6640:3)\n#2 at 0xffffffff81a3b2f0 (__schedule+0x2d0/0x990) in __schedule at kernel/sched/core.c:6564:8",
  "crash": " #0 [ffffa8c3c0147c50] machine_kexec at ffffffff8106a8b3\n #1 [ffffa8c3c0147ca8] __crash_kexec+0x66 at ffffffff81190d2a\n    [exception RIP: nft_do_chain+120]\n #2 [ffffa8c3c0147f30] nft_do_chain_ipv4 at ffffffffc0a8d1f4 [nf_tables]",
  "gdb": "#0  tcp_v4_send_reset (sk=0x0, skb=0xff11000004445ae8) at net/ipv4/tcp_ipv4.c:686\n#1  0xffffffff8187c8cb in tcp_v4_rcv (skb=0xff11000004445ae8) at net/ipv4/tcp_ipv4.c:2149",
  "systemtap": "Returning from:  0xffffffff8187a0e0 : tcp_v4_send_reset+0x0/0x6a0 [kernel]\n 0xffffffffc0a8d1f4 : nft_do_chain_ipv4+0x74/0x80 [nf_tables]\n 0xffffffff81844b32 : ip_rcv+0x72/0x80 [kernel] (inexact)",
  "syzkaller": "Call Trace:\n __dump_stack lib/dump_stack.c:77 [inline]\n dump_stack+0xbe/0xfe lib/dump_stack.c:118\n ? netlink_rcv_skb+0x156/0x420 net/netlink/af_netlink.c:2469",
  "decode-stacktrace": "Call Trace:\n <TASK>\ndump_stack_lvl (lib/dump_stack.c:107 (discriminator 1))\n? nft_do_chain (net/netfilter/nf_tables_core.c:254) nf_tables\n </TASK>",
  "blazesym": "0xffffffff8187c8cb: tcp_v4_rcv @ 0xffffffff8187bf30+0x99b net/ipv4/tcp_ipv4.c:2149:3\n                    tcp_checksum_complete @ include/net/tcp.h:1410 [inlined]\n0xffffffff818448e2: ip_rcv @ 0xffffffff818448b0+0x32",
  "retsnoop": "                    do_syscall_64+0x5d                   (arch/x86/entry/common.c:80:7)\n                    . do_syscall_x64                     (arch/x86/entry/common.c:50:12)\n    22us [-ECONNREFUSED]  __sys_connect+0xa4                   (net/socket.c:2021:8)\n!   3us [-ECONNREFUSED]  inet_stream_connect",
  "dropwatch": "3 drops at tcp_v4_rcv+5ec (0xffffffff8187c52c) [software]",
  "pwru": "0xffff8b7f0331f800 0   ping:18515       4026531840 0               eth0:2      0x0800 1500  84    10.0.0.1:0->8.8.8.8:0(icmp) kfree_skb_reason\nkfree_skb_reason\nnf_hook_slow\nip_output",
  "folded": "entry;tcp_v4_rcv;ip_rcv 12",
  "bare": "tcp_v4_rcv+0x99b/0xee0\nip_rcv+0x1/0x2",
};

describe("the grammar of kernel stacks", () => {
  let grammar: GrammarScopes;
  before(async () => {
    grammar = await GrammarScopes.load("kernel-stack");
  });

  /** @param text what the reader took; of a number without 0x that may be the part that looks decimal */
  function assertPiece(pieces: readonly ScopedPiece[] | undefined, offset: number, text: string, scope: string): void {
    const piece = pieces?.find(({ start }) => start === offset);
    const line = pieces?.map((each) => each.text).join("");
    assert.ok(piece, `“${text}” is no piece of its own in “${line}”`);
    assert.equal(piece.scope, scope, `${text} in ${line}`);
    assert.ok(scope === "constant.numeric.offset" ? piece.text.startsWith(text) : piece.text === text, `“${piece.text}” for “${text}” in “${line}”`);
  }

  /** What the reader finds, the grammar must show: names as functions, what follows them as their offset, modules. @returns how many frames were held against it */
  function agree(text: string): number {
    const lines = text.split("\n");
    const scoped = grammar.lines(text);
    let count = 0;
    for (const stack of parseStacks(text).stacks) {
      for (const [index, frame] of stack.frames.entries()) {
        const number = (stack.lines[index] ?? 1) - 1;
        const line = lines[number] ?? "";
        const span = frameSpan(line, frame);
        if (frame.symbol === undefined || !span) continue;
        count++;
        const pieces = scoped[number];
        assertPiece(pieces, span.start, frame.symbol, "entity.name.function");
        const rest = span.start + frame.symbol.length;
        if (span.end > rest) assertPiece(pieces, rest, line.slice(rest, span.end), "constant.numeric.offset");
        const module = frame.module === undefined ? -1 : line.indexOf(`[${frame.module}`, span.end);
        if (frame.module !== undefined && module >= 0) assertPiece(pieces, module + 1, frame.module, "entity.name.namespace.module");
      }
    }
    return count;
  }

  for (const [format, text] of Object.entries(families)) {
    it(`shows what the reader finds: ${format}`, () => {
      assert.ok(parseStacks(text).stacks.some((stack) => stack.format === format), JSON.stringify(parseStacks(text).stacks.map((stack) => stack.format)));
      assert.ok(agree(text) > 0);
    });
  }

  for (const file of readdirSync(fixtures).filter((name) => name.endsWith(".txt") && !name.includes("json"))) {
    it(`shows what the reader finds: ${file}, as captured`, () => assert.ok(agree(readFileSync(join(fixtures, file), "utf8")) > 0));
  }

  const cases: readonly (readonly [text: string, expected: readonly string[]])[] = [
    ["# oops-x86, line 3", ["# oops-x86, line 3 comment.line.number-sign"]],
    ["  0  tcp_v4_rcv+0x99b/0xee0 [nf_tables]", ["0 constant.numeric.index", "tcp_v4_rcv entity.name.function", "+0x99b/0xee0 constant.numeric.offset", "[nf_tables] entity.name.namespace.module"]],
    ["  1  ip_rcv+0x1/0x2  ! no debuginfo", ["1 constant.numeric.index", "ip_rcv entity.name.function", "+0x1/0x2 constant.numeric.offset", "! no debuginfo invalid.deprecated"]],
    ["     │ tcp_v4_send_reset          net/ipv4/tcp_ipv4.c:703  inlined", ["│ punctuation.separator", "tcp_v4_send_reset support.function", "net/ipv4/tcp_ipv4.c:703 string.unquoted.place", "inlined keyword.other.inlined"]],
    ["     └ tcp_v4_rcv                 no line known", ["└ punctuation.separator", "tcp_v4_rcv support.function", "no line known string.unquoted.place"]],
    ["#1  0xffffffff8187c8cb in tcp_v4_rcv (skb=0xff11000004445ae8) at net/ipv4/tcp_ipv4.c:2149", [
      "#1 constant.numeric.index", "0xffffffff8187c8cb constant.numeric.address", "tcp_v4_rcv entity.name.function", "0xff11000004445ae8 constant.numeric.address", "net/ipv4/tcp_ipv4.c:2149 string.unquoted.place",
    ]],
    ["[   12.118301][  T123] RIP: 0010:tcp_v4_rcv+0x99b/0x1380", ["[   12.118301][  T123] constant.numeric.timestamp", "RIP variable.language.register", "tcp_v4_rcv entity.name.function", "+0x99b/0x1380 constant.numeric.offset"]],
    ["[   12.1]  ? f+0x1/0x2 [m 0123456789abcdef0123456789abcdef01234567]", [
      "[   12.1] constant.numeric.timestamp", "? invalid.deprecated", "f entity.name.function", "+0x1/0x2 constant.numeric.offset", "m entity.name.namespace.module", "0123456789abcdef0123456789abcdef01234567 constant.other.build-id",
    ]],
    [" <IRQ>", ["<IRQ> keyword.other.section"]],
    ["Call trace:", ["Call trace: keyword.other.section"]],
    [" __dump_stack lib/dump_stack.c:77 [inline]", ["__dump_stack entity.name.function", "lib/dump_stack.c:77 string.unquoted.place", "[inline] keyword.other.inlined"]],
    ["([<00000000008a1b40>] ip_rcv+0x20/0x30)", ["00000000008a1b40 constant.numeric.address", "ip_rcv entity.name.function", "+0x20/0x30 constant.numeric.offset"]],
    ["[c0000000fffb3a10] [c000000000812399] ip_rcv+0x20/0x30 (unreliable)", ["c0000000fffb3a10 constant.numeric.address", "c000000000812399 constant.numeric.address", "ip_rcv entity.name.function", "+0x20/0x30 constant.numeric.offset", "(unreliable) invalid.deprecated"]],
    ["Nothing here is a frame, nor a name: it is prose.", []],
    ["  1234 5678 2026-11-21", []],
  ];
  for (const [text, expected] of cases) it(text, () => assert.deepEqual(grammar.scopes(text), expected));
});
