import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseStacks } from "../../src/stacks/parseStacks";
import { drawStack } from "../support/drawStack";

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, `../fixtures/stacks/${name}.txt`), "utf8");

/** `text` without its first line end; `expected` as drawStack draws it, `×N` behind a stack that is counted. */
function check(name: string, text: string, expected: readonly string[]): void {
  it(name, () => {
    const { stacks } = parseStacks(text.replace(/^\n/, ""));
    assert.deepEqual(stacks.map((stack) => `${drawStack(stack)}${stack.count === undefined ? "" : ` ×${stack.count}`}`), expected);
    for (const stack of stacks) assert.equal(stack.lines.length, stack.frames.length);
  });
}

describe("notations of debuggers", () => {
  check("crash: return addresses, an exception, lines below", `
PID: 1234     TASK: ffff9c0e4a3d8000  CPU: 2    COMMAND: "nginx"
 #0 [ffffa8c3c0147c50] machine_kexec at ffffffff8106a8b3
    /usr/src/debug/kernel-6.1.0/linux-6.1.0/arch/x86/kernel/machine_kexec_64.c: 389
 #1 [ffffa8c3c0147ca8] __crash_kexec+0x66 at ffffffff81190d2a
 #2 [ffffa8c3c0147e10] asm_exc_page_fault at ffffffff81c00e02
    [exception RIP: nft_do_chain+120]
    RIP: ffffffffc0a8d078  RSP: ffffa8c3c0147ec0  RFLAGS: 00010246
    RAX: 0000000000000000  RBX: ffff9c0e4a3d8000  RCX: 0000000000000000
 #3 [ffffa8c3c0147f30] nft_do_chain_ipv4 at ffffffffc0a8d1f4 [nf_tables]
`, ["2 crash: ^machine_kexec at arch/x86/kernel/machine_kexec_64.c:389 ^__crash_kexec+0x66 ^asm_exc_page_fault nft_do_chain+0x78 ^nft_do_chain_ipv4 [nf_tables]"]);

  it("gdb, as captured at a breakpoint: inlined frames lie at the address of the one before", () => {
    const { stacks } = parseStacks(fixture("gdb-1"));
    assert.equal(stacks.length, 1);
    assert.ok(drawStack(stacks[0]!).startsWith("8 gdb: tcp_v4_send_reset at net/ipv4/tcp_ipv4.c:686 ^tcp_v4_rcv at net/ipv4/tcp_ipv4.c:2149 ^ip_protocol"));
    assert.match(drawStack(stacks[0]!), /\^__napi_poll at net\/core\/dev.c:6647 ~napi_poll at net\/core\/dev.c:6714 \^net_rx_action at net\/core\/dev.c:6828/);
    assert.equal(stacks[0]!.frames.find(({ symbol }) => symbol === "net_rx_action")?.address, 0xffffffff817b10a0n);
    assert.equal(stacks[0]!.truncated, true);
  });
  check("gdb: wrapped over lines", `
#0  tcp_v4_send_reset (sk=sk@entry=0x0 <fixed_percpu_data>,
    skb=skb@entry=0xff11000004445ae8)
    at net/ipv4/tcp_ipv4.c:686
#1  0xffffffff8187c8cb in tcp_v4_rcv (skb=0xff11000004445ae8)
    at net/ipv4/tcp_ipv4.c:2149
`, ["1 gdb: tcp_v4_send_reset at net/ipv4/tcp_ipv4.c:686 ^tcp_v4_rcv at net/ipv4/tcp_ipv4.c:2149"]);

  check("drgn: a trace", `
#0  context_switch (./kernel/sched/core.c:5252:2)
#1  __schedule (./kernel/sched/core.c:6564:8)
#2  schedule+0x5a/0xd0 (./kernel/sched/core.c:6640:3)
#3  nft_do_chain (net/netfilter/nf_tables_core.c:254:3) [function symbol: nft_do_chain.isra.0+0x5/0x40]
#4  0xffffffffc0a8d1f4
#5  ???
#6  ret_from_fork+0x1f/0x30
`, ["1 drgn: context_switch at kernel/sched/core.c:5252 ^__schedule at kernel/sched/core.c:6564 ^schedule+0x5a/0xd0 at kernel/sched/core.c:6640 ^nft_do_chain.isra.0+0x5/0x40 at net/netfilter/nf_tables_core.c:254 ^0xffffffffc0a8d1f4 ^ret_from_fork+0x1f/0x30"]);
  check("drgn: frames alone", `
#0 at 0xffffffff81a3b2f0 (__schedule+0x2d0/0x990) in context_switch at kernel/sched/core.c:5252:2 (inlined)
#1 at 0xffffffff81a3b2f0 (__schedule+0x2d0/0x990) in __schedule at kernel/sched/core.c:6564:8
`, ["1 drgn: ~context_switch at kernel/sched/core.c:5252 __schedule+0x2d0/0x990 at kernel/sched/core.c:6564"]);
});

describe("notations of tracers", () => {
  check("systemtap: a return probe, a module, frames of a program", `
Returning from:  0xffffffff8187a0e0 : tcp_v4_send_reset+0x0/0x6a0 [kernel]
Returning to  :  0xffffffff8187c8cb : tcp_v4_rcv+0x99b/0xee0 [kernel]
 0xffffffffc0a8d1f4 : nft_do_chain_ipv4+0x74/0x80 [nf_tables]
 0xffffffff81844b32 : ip_local_deliver_finish+0x72/0x80 [kernel] (inexact)
 0x7f1b9c4e4f6d : __connect+0x4d/0x90 [/usr/lib/x86_64-linux-gnu/libc.so.6]
`, ["1 systemtap: tcp_v4_send_reset+0x0/0x6a0 ^tcp_v4_rcv+0x99b/0xee0 ^nft_do_chain_ipv4+0x74/0x80 [nf_tables] ? ^ip_local_deliver_finish+0x72/0x80"]);

  check("trace-cmd: names with addresses", `
    python3-477   [001]  1063.676135: kernel_stack:         <stack trace >
=> kfree_skb_reason (ffffffffbaf909eb)
=> tcp_v4_rcv (ffffffffbb07bfb1)
=> ip_protocol_deliver_rcu+0x32 (ffffffffbb0448e2)
`, ["2 ftrace: kfree_skb_reason ^tcp_v4_rcv ^ip_protocol_deliver_rcu+0x32"]);
  check("function tracer", " nginx-812     [001] d.s3.  1062.764234: tcp_v4_send_reset <-tcp_v4_rcv\n nginx-812     [001] d.s3.  1062.8: nft_do_chain+0x0/0x2b0 [nf_tables] <-nf_hook_slow+0x41/0xc0\n", [
    "1 function-trace: tcp_v4_send_reset ^tcp_v4_rcv", "2 function-trace: nft_do_chain+0x0/0x2b0 [nf_tables] ^nf_hook_slow+0x41/0xc0",
  ]);
  it("function graph: every innermost call with the calls it lies in, lanes apart", () => {
    const { stacks } = parseStacks(fixture("ftrace-graph-1"));
    assert.equal(drawStack(stacks[0]!), "7 function-graph: inet_ehashfn ^__inet_lookup_established ^tcp_v4_rcv");
    const others = parseStacks(fixture("ftrace-graph-2")).stacks;
    assert.equal(drawStack(others[3]!), "12 function-graph: __ip_options_echo ^ip_send_unicast_reply ^tcp_v4_send_reset");
    const mixed = parseStacks(" 0)               |  a() {\n 1)               |  x() {\n 0)   1.0 us    |    b();\n 1)   1.0 us    |    y();\n 0) + 12.0 us   |  }\n 1) + 12.0 us   |  }\n");
    assert.deepEqual(mixed.stacks.map(drawStack).sort(), ["3 function-graph: b ^a", "4 function-graph: y ^x"]);
  });
  it("perf report: innermost first, with --children outermost first", () => {
    const callee = parseStacks(fixture("perf-report-1")).stacks;
    const caller = parseStacks(fixture("perf-report-2")).stacks;
    assert.ok(drawStack(callee[0]!).startsWith("14 perf-report: kfree_skb_reason ^sk_stream_kill_queues ^inet_csk_destroy_sock"));
    assert.equal(callee[0]!.count, 3333);
    assert.ok(drawStack(caller[0]!).startsWith("49 perf-report: kfree_skb_reason ^sk_stream_kill_queues ^inet_csk_destroy_sock"));
    assert.deepEqual(callee[0]!.frames.slice(0, 20).map(({ symbol }) => symbol), caller[0]!.frames.slice(0, 20).map(({ symbol }) => symbol));
  });
  check("perf report: branches", `
    60.00%  nginx  [kernel.kallsyms]  [k] tcp_v4_rcv
            |
            ---tcp_v4_rcv
               ip_rcv
               |
               |--40.00%--process_backlog
               |          net_rx_action
               |
                --20.00%--napi_gro_receive
`, ["3 perf-report: tcp_v4_rcv ^ip_rcv ^process_backlog ^net_rx_action ×4000", "3 perf-report: tcp_v4_rcv ^ip_rcv ^napi_gro_receive ×2000"]);
  check("perf script: a source line below each frame, wrapped dso, an address in a file", `
nginx 12 [000] 1.5: probe:tcp_v4_send_reset: (ffffffff8187a0e0)
	ffffffff8187a0e1 tcp_v4_send_reset+0x1 ([kernel.kallsyms])
  tcp_ipv4.c:686
	ffffffff8187c8cb tcp_v4_rcv+0x99b
([kernel.kallsyms])
	          8d60a0 ip_rcv (/usr/lib/debug/vmlinux)
`, ["2 perf-script: tcp_v4_send_reset+0x1 at tcp_ipv4.c:686 ^tcp_v4_rcv+0x99b ^ip_rcv"]);
  check("blazesym: inlined calls after the function that holds them", `
0xffffffff8187c8cb: tcp_v4_rcv @ 0xffffffff8187bf30+0x99b net/ipv4/tcp_ipv4.c:2149:3
                    tcp_checksum_complete @ include/net/tcp.h:1410 [inlined]
                    skb_csum_unnecessary @ include/linux/skbuff.h:4410 [inlined]
0xffffffff818448e2: ip_protocol_deliver_rcu @ 0xffffffff818448b0+0x32
`, ["1 blazesym: ~skb_csum_unnecessary at include/linux/skbuff.h:4410 ~tcp_checksum_complete at include/net/tcp.h:1410 tcp_v4_rcv+0x99b at net/ipv4/tcp_ipv4.c:2149 ^ip_protocol_deliver_rcu+0x32"]);
  check("retsnoop: outermost first", `
                    entry_SYSCALL_64_after_hwframe+0x6e  (arch/x86/entry/entry_64.S:120:0)
                    do_syscall_64+0x5d                   (arch/x86/entry/common.c:80:7)
                    . do_syscall_x64                     (arch/x86/entry/common.c:50:12)
    22us [-ECONNREFUSED]  __sys_connect+0xa4                   (net/socket.c:2021:8)
!   3us [-ECONNREFUSED]  inet_stream_connect
`, ["5 retsnoop: inet_stream_connect ^__sys_connect+0xa4 at net/socket.c:2021 ~do_syscall_x64 at arch/x86/entry/common.c:50 ^do_syscall_64+0x5d at arch/x86/entry/common.c:80 ^entry_SYSCALL_64_after_hwframe+0x6e at arch/x86/entry/entry_64.S:120".replace("5 retsnoop", "1 retsnoop")]);
  check("dropwatch: bare hex in the summary, both numbers in packet mode", "3 drops at tcp_v4_rcv+5ec (0xffffffff8187c52c) [software]\ndrop at: tcp_v4_rcv+0x1de/0x440 (0xffffffff8187c11e)\n", [
    "1 dropwatch: ^tcp_v4_rcv+0x5ec ×3", "2 dropwatch: ^tcp_v4_rcv+0x1de/0x440",
  ]);
  check("pwru: names below a row", `
0xffff8b7f0331f800 0   ping:18515       4026531840 0               eth0:2      0x0800 1500  84    10.0.0.1:0->8.8.8.8:0(icmp) kfree_skb_reason
kfree_skb_reason
nf_hook_slow
ip_output

0xffff8b7f0331f800 0   ping:18515       4026531840 0               eth0:2      0x0800 1500  84    10.0.0.1:0->8.8.8.8:0(icmp) ip_rcv
`, ["2 pwru: kfree_skb_reason ^nf_hook_slow ^ip_output"]);
  check("stackcount: names alone, made a stack by their count", "  tcp_v4_send_reset\n  tcp_v4_rcv\n  ip_rcv\n    7\n\n  a\n  word\n  list\n", ["1 bcc: tcp_v4_send_reset ^tcp_v4_rcv ^ip_rcv ×7"]);
  check("bpftrace: the value of a key, and a process with a line end in its name", "@[\n    a+1\n    b+2\n, my\nproc]: 12\n@[\n    c+1\n    d+2\n]: 3\n", ["2 bpftrace: a+0x1 ^b+0x2 ×12", "7 bpftrace: c+0x1 ^d+0x2 ×3"]);
  check("JSON: counts of map keys, and lists of strings", '{"type": "map", "data": {"@": {"\\n    a+1\\n    b+2\\n,nginx": 5}}}\n{"drop":{"stack":["tcp_v4_rcv+0x10/0x20","ip_rcv+0x4/0x30"]}}\n', ["1 bpftrace: a+0x1 ^b+0x2 ×5", "2 bare: tcp_v4_rcv+0x10/0x20 ^ip_rcv+0x4/0x30"]);
  check("folded counts", "a;b;c 12\n", ["1 folded: c ^b ^a ×12"]);
});

describe("reports of other architectures and decoded ones", () => {
  check("32-bit arm, with registers", `
PC is at tcp_v4_rcv+0x10/0x400
LR is at ip_local_deliver+0x20/0x30
pc : [<c0812345>]    lr : [<c0812399>]    psr: 60000013
[<c0812345>] (tcp_v4_rcv) from [<c0812399>] (ip_local_deliver+0x20/0x30)
[<c0812399>] (ip_local_deliver) from [<c08123a1>] (nf_hook+0x8/0x10 [nf_tables])
`, ["1 oops-arm32: tcp_v4_rcv+0x10/0x400 ^ip_local_deliver+0x20/0x30 ^nf_hook+0x8/0x10 [nf_tables]"]);
  check("32-bit arm since 5.17, without registers", " unwind_backtrace from show_stack+0x10/0x14\n show_stack from dump_stack_lvl+0x40/0x4c\n", ["1 oops-arm32: unwind_backtrace ^show_stack+0x10/0x14 ^dump_stack_lvl+0x40/0x4c"]);
  check("loongarch", `
   ERA: 9000000000812345 tcp_v4_rcv+0x10/0x400
    ra: 9000000000812399 ip_local_deliver+0x20/0x30
  CRMD: 000000b0 (PLV0 -IE -DA +PG DACF=CC DACM=CC -WE)
Call Trace:
[<9000000000812345>] tcp_v4_rcv+0x10/0x400
[<9000000000812399>] ip_local_deliver+0x20/0x30
`, ["1 oops-loongarch: tcp_v4_rcv+0x10/0x400 ^ip_local_deliver+0x20/0x30"]);
  check("syzkaller: inlined calls before the frame that holds them", `
Call Trace:
 __dump_stack lib/dump_stack.c:77 [inline]
 dump_stack+0xbe/0xfe lib/dump_stack.c:118
 inet_diag_cmd_exact+0x1a1/0x2f0 net/ipv4/inet_diag.c:578
 ? netlink_rcv_skb+0x156/0x420 net/netlink/af_netlink.c:2469
`, ["2 syzkaller: ~__dump_stack at lib/dump_stack.c:77 dump_stack+0xbe/0xfe at lib/dump_stack.c:118 ^inet_diag_cmd_exact+0x1a1/0x2f0 at net/ipv4/inet_diag.c:578 ? ^netlink_rcv_skb+0x156/0x420 at net/netlink/af_netlink.c:2469"]);
  check("syzkaller: where memory came from", "Freed by task 765:\n kasan_save_stack mm/kasan/common.c:47 [inline]\n kasan_save_track+0x30/0x70 mm/kasan/common.c:68\n", [
    "2 syzkaller: ~kasan_save_stack at mm/kasan/common.c:47 kasan_save_track+0x30/0x70 at mm/kasan/common.c:68",
  ]);
  check("decode_stacktrace.sh: the last place lies in the function itself", `
Call Trace:
 <TASK>
dump_stack_lvl (lib/dump_stack.c:107 (discriminator 1))
__token_bucket_busy (net/mptcp/token.c:74 (inlined by) net/mptcp/token.c:82)
? nft_do_chain (net/netfilter/nf_tables_core.c:254) nf_tables
 </TASK>
`, ["3 decode-stacktrace: dump_stack_lvl at lib/dump_stack.c:107 ^__token_bucket_busy at net/mptcp/token.c:82 ? ^nft_do_chain [nf_tables] at net/netfilter/nf_tables_core.c:254"]);
  check("kernel BUG names its line, and the function is the first", "kernel BUG at net/core/skbuff.c:199!\nRIP: 0010:skb_panic+0x4f/0x51\nCall Trace:\n skb_put+0x3b/0x40\n", ["2 oops-x86: skb_panic+0x4f/0x51 at net/core/skbuff.c:199 ^skb_put+0x3b/0x40"]);
  it("takes the build id behind the version", () => {
    const [stack] = parseStacks("CPU: 0 PID: 1 Comm: a Not tainted 6.6.0-cros #3 aa23f7a1241c229de205778409c06ff8493ed04f\nRIP: 0010:f+0x1/0x2\n").stacks;
    assert.deepEqual([stack?.build, stack?.buildId], ["6.6.0-cros", "aa23f7a1241c229de205778409c06ff8493ed04f"]);
  });
});

describe("what carriers do to a text", () => {
  const plain = "1 oops-x86: a+0x1/0x2 ^b+0x3/0x4";
  check("netconsole", "4,467,1378772060,-;Call Trace:\n4,468,1378772061,-; a+0x1/0x2\n4,469,1378772062,-; b+0x3/0x4\n", [plain.replace("1 ", "2 ")]);
  check("a journal, newest first by its times", "Nov 21 22:25:33 web1 kernel:  b+0x3/0x4\nNov 21 22:25:32 web1 kernel:  a+0x1/0x2\nNov 21 22:25:31 web1 kernel: Call Trace:\n", [plain.replace("1 ", "2 ")]);
  check("a journal of one second, newest first by the kernel's marks", "Nov 21 22:25:31 web1 kernel:  </TASK>\nNov 21 22:25:31 web1 kernel:  b+0x3/0x4\nNov 21 22:25:31 web1 kernel:  a+0x1/0x2\nNov 21 22:25:31 web1 kernel:  <TASK>\nNov 21 22:25:31 web1 kernel: Call Trace:\n", [
    plain.replace("1 ", "3 "),
  ]);
  check("journalctl -o json", '{"_HOSTNAME":"web1","MESSAGE":"Call Trace:","PRIORITY":"4"}\n{"MESSAGE":" a+0x1/0x2"}\n{"MESSAGE":" b+0x3/0x4"}\n', [plain.replace("1 ", "2 ")]);
  check("quoted-printable", "Call Trace:\n a+0x1/=\n0x2\n tcp_v4=\n_rcv+0x3/0x4\n", ["2 oops-x86: a+0x1/0x2 ^tcp_v4_rcv+0x3/0x4"]);
  check("HTML", "Call Trace:\n &lt;TASK&gt;\n a&#43;0x1/0x2\n b+0x3/0x4\n &lt;/TASK&gt;\n", [plain.replace("1 ", "3 ")]);
  check("mail: a place on a line of its own", "> Call Trace:\n>  a+0x1/0x2\n> net/ipv4/tcp.c:12\n>  b+0x3/0x4\n", ["2 oops-x86: a+0x1/0x2 at net/ipv4/tcp.c:12 ^b+0x3/0x4"]);
});

describe("what only looks like a frame", () => {
  for (const text of [
    " #0: ffff9c0e4a3d8000 (sk_lock-AF_INET){+.+.}-{0:0}, at: tcp_close+0x1a/0x20\n", "#3  a list item\n", "see foo (net/ipv4/tcp.c:12) for it\n", "#include <linux/tcp.h>\n",
    "  one\n  two\n  three\n", "mail from someone+0x to me\n", "drops at noon\n", " 0x7f1b9c4e4f6d : __connect+0x4d/0x90 [/usr/lib/libc.so.6]\n", "x = {\"a\": [\"b\", \"c\"]}\n",
    "R10: 0000000000000000 R11: 0000000000000202\n", "Modules linked in: a(E) b+0x\n",
  ]) {
    check(JSON.stringify(text), text, []);
  }
});
