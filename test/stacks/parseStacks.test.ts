import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseStacks } from "../../src/stacks/parseStacks";
import { drawStack } from "../support/drawStack";
import { symbols } from "../support/symbols";

const fixtures = join(import.meta.dirname, "../fixtures/stacks");
const fixture = (name: string): string => readFileSync(join(fixtures, `${name}.txt`), "utf8");


function check(name: string, text: string, expected: readonly string[]): void {
  it(name, () => assert.deepEqual(parseStacks(text).stacks.map(drawStack), expected));
}

describe("parseStacks", () => {
  describe("bpftrace", () => {
    check("printed and as a map key", fixture("bpftrace-default-1"), [
      "3 bpftrace: tcp_v4_send_reset+0x1 ^tcp_v4_rcv+0x99b ^ip_protocol_deliver_rcu+0x32",
      "8 bpftrace: tcp_v4_send_reset+0x1 ^tcp_v4_rcv+0x99b ^ip_protocol_deliver_rcu+0x32",
      "15 bpftrace: tcp_v4_send_reset+0x1 ^tcp_v4_rcv+0x99b ^ip_protocol_deliver_rcu+0x32 ^ip_local_deliver_finish+0x72 ^__netif_receive_skb_one_core+0x89 ^process_backlog+0x81",
    ]);
    it("keeps addresses in perf mode", () => {
      const { stacks } = parseStacks(fixture("bpftrace-perf-1"));
      assert.deepEqual(stacks.map((stack) => [stack.line, stack.frames.length]), [[3, 3], [8, 3], [15, 6]]);
      assert.equal(stacks[0]?.frames[1]?.address, 0xffffffffbb07c8cbn);
    });
    it("finds stacks in keys, values, tuples and printf of JSON", () => {
      const { stacks } = parseStacks(fixture("bpftrace-json-1.ndjson"));
      assert.deepEqual(stacks.map((stack) => `${stack.line} ${stack.format} ${stack.frames.length}`), [
        "2 bpftrace 3", "3 bpftrace-perf 2", "4 bpftrace 3", "5 bpftrace-perf 2", "8 bpftrace 5", "9 bpftrace 2", "12 bpftrace-perf 4", "13 bpftrace 2", "14 bpftrace 3",
      ]);
    });
    check("reads keys from which 0.24 erased the spaces", String.raw`{"type": "map", "data": {"@": {"\n\tffffffffbb07bf31tcp_v4_rcv+1\n\tffffffffbb0448e2ip_protocol_deliver_rcu+50\n": 2}}}`, [
      "1 bpftrace-perf: tcp_v4_rcv+0x1 ^ip_protocol_deliver_rcu+0x32",
    ]);
    check("source places and inlined functions", "\n        [inlined] tcp_hdr@include/linux/tcp.h:30\n        tcp_v4_rcv+37@net/ipv4/tcp_ipv4.c:2149\n        ip_rcv+5\n", [
      "2 bpftrace: ~tcp_hdr at include/linux/tcp.h:30 tcp_v4_rcv+0x25 at net/ipv4/tcp_ipv4.c:2149 ^ip_rcv+0x5",
    ]);
  });

  describe("kernel log", () => {
    const start = "oops-x86: dump_stack_lvl+0x44/0x5c ^nmi_cpu_backtrace.cold+0x32/0x79 ? ^lapic_can_unplug_cpu+0x70/0x70";
    for (const [name, line] of [["dmesg-T-1", 7], ["dmesg-iso-1", 7], ["dmesg-r-1", 7], ["dmesg-x-1", 7], ["kmsg-raw-1", 7], ["sysrq-l-1", 7], ["dmesg-json-1", 30]] as const) {
      it(name, () => {
        const [stack, ...others] = parseStacks(fixture(name)).stacks;
        assert.ok(stack);
        assert.ok(drawStack(stack).startsWith(`${line} ${start}`), drawStack(stack));
        assert.equal(stack.build, "6.1.0-56-cloud-amd64");
        assert.deepEqual(others, []);
      });
    }

    check("an oops: RIP first, exact; registers skipped; the second RIP is the same frame", [
      "[   12.345678] BUG: kernel NULL pointer dereference, address: 0000000000000000",
      "[   12.345680][  T123] CPU: 1 PID: 44 Comm: a Tainted: G        W          6.1.0-9-amd64 #1  Debian 6.1.27-1",
      "[   12.345681][  T123] RIP: 0010:nft_do_chain+0x1a/0x2b0 [nf_tables]",
      "[   12.345681][  T123] Code: 40 00 48 8b 15 b1 aa 0d 00 f7",
      "[   12.345681][  T123] RSP: 0018:ffffa EFLAGS: 00010202",
      "[   12.345681][  T123] R10: 0000000000000000 R11: 0000000000000202 R12: 0000000000000002",
      "[   12.345682][  T123] Call Trace:",
      "[   12.345682][  T123]  <IRQ>",
      "[   12.345683][  T123]  ? irq_work+0x1/0x2",
      "[   12.345683][  T123]  nft_do_chain_ipv4+0x74/0x80 [nf_tables 0123456789abcdef0123456789abcdef01234567]",
      "[   12.345684][  T123]  asm_sysvec_apic_timer_interrupt+0x16/0x20",
      "[   12.345684][  T123] RIP: 0010:native_safe_halt+0xb/0x10",
      "[   12.345684][  T123]  default_idle+0xa/0x20",
      "[   12.345684][  T123]  </TASK>",
      "[   12.345684][  T123] Modules linked in: a(E) b",
      "[   12.345685][  T123] ---[ end trace 0000000000000000 ]---",
      "[   12.345685][  T123] RIP: 0010:nft_do_chain+0x1a/0x2b0 [nf_tables]",
    ].join("\n"), [
      "3 oops-x86: nft_do_chain+0x1a/0x2b0 [nf_tables] ? ^irq_work+0x1/0x2 ^nft_do_chain_ipv4+0x74/0x80 [nf_tables] ^asm_sysvec_apic_timer_interrupt+0x16/0x20 native_safe_halt+0xb/0x10 ^default_idle+0xa/0x20",
    ]);
    check("a WARN names its own line", "WARNING: CPU: 3 PID: 1 at net/ipv4/tcp.c:123 tcp_close+0x1/0x20\nRIP: 0010:tcp_close+0x1/0x20\nCall Trace:\n inet_release+0x3f/0x80\n", [
      "2 oops-x86: tcp_close+0x1/0x20 at net/ipv4/tcp.c:123 ^inet_release+0x3f/0x80",
    ]);
    check("mail: quoted, and wrapped before the module", "> [   1.0] Call Trace:\n>  a+0x1/0x2\n> [nf_tables]\n>  b+0x1/0x2\n", ["2 oops-x86: a+0x1/0x2 [nf_tables] ^b+0x1/0x2"]);
    check("arm64 prints the pc twice", "pc : skb_panic+0x58/0x5c\nlr : skb_panic+0x58/0x5c\nsp : ffff800008003a50\nx29: ffff800008003a60 x28: ffff\nCall trace:\n skb_panic+0x58/0x5c\n skb_put+0x50/0x54\n", [
      "1 oops-arm64: skb_panic+0x58/0x5c ^skb_put+0x50/0x54",
    ]);
    check("riscv", "epc : do_trap+0x12/0x20 ra : other+0x1/0x2\n gp : ffff tp : 00\n[<ffffffff80002e2a>] handle+0x4/0x30\n", ["1 oops-riscv: do_trap+0x12/0x20 ^handle+0x4/0x30"]);
    check("powerpc", "NIP [c00000000001a2b4] f+0x4/0x30\nLR [c00000000001a2b0] g+0x0/0x30\nCall Trace:\n[c0000000077d3a90] [c00000000001a2b0] h+0x8/0x30 (unreliable)\n", ["1 oops-powerpc: f+0x4/0x30 ? ^h+0x8/0x30"]);
    check("s390", "Krnl PSW : 0704c00180000000 00000000001a2b4c (f+0x4/0x30)\nCall Trace:\n [<00000000001a2b4c>] f+0x4/0x30\n([<00000000001a2b5c>] g+0x4/0x30)\nLast Breaking-Event-Address:\n [<0000000000112233>] h+0x1/0x2\n", [
      "1 oops-s390: f+0x4/0x30 ^f+0x4/0x30 ? ^g+0x4/0x30",
      "6 bare: h+0x1/0x2",
    ]);
  });

  describe("others", () => {
    it("perf script: the first frame of a tracepoint is a return address, user frames are left out", () => {
      const stack = parseStacks(fixture("perf-script-1")).stacks[1];
      assert.ok(stack && drawStack(stack).startsWith("40 perf-script: ^kfree_skb_reason+0x7b ^tcp_v4_rcv+0x81 ^ip_protocol"));
      assert.equal(stack.frames.at(-1)?.symbol, "entry_SYSCALL_64_after_hwframe");
    });
    check("perf script: a sample is exact, modules by file", "perf 12 [000] 1.5:     250000 cycles:ppp: \n\tffffffffc0100010 nft_do_chain+0x10 (/lib/modules/6.1/kernel/net/nf-tables.ko.xz)\n\tffffffffbb07c8cb f+0x1 ([kernel.kallsyms])\n\n", [
      "2 perf-script: nft_do_chain+0x10 [nf_tables] ^f+0x1",
    ]);
    it("ftrace with sizes, with addresses", () => {
      const { stacks } = parseStacks(fixture("ftrace-stack-3"));
      assert.equal(stacks.length, 2);
      assert.ok(drawStack(stacks[1]!).startsWith("53 ftrace: trace_event_raw_event_kfree_skb+0x7a/0xc0 ^kfree_skb_reason+0x7b/0xd0 ^tcp_v4_rcv+0x81/0xee0"));
      assert.equal(parseStacks(fixture("ftrace-stack-4")).stacks[0]?.frames[1]?.address, 0xffffffffbaf909ebn);
    });
    it("ftrace names alone", () => assert.equal(parseStacks(fixture("ftrace-stack-1")).stacks[1]?.frames[1]?.symbol, "tcp_v4_rcv"));
    it("/proc/PID/stack", () => {
      const { stacks } = parseStacks(fixture("proc-pid-stack-1"));
      assert.equal(stacks.length, 5);
      assert.equal(drawStack(stacks[1]!), "6 proc-stack: kthreadd+0x2bc/0x2d0 ^ret_from_fork+0x22/0x30");
    });
    check("bcc", "    b'tcp_v4_send_reset+0x1 [kernel]'\n    b'nft_do_chain+0x10 [nf_tables]'\n    --\n    main\n", [
      "1 bcc: tcp_v4_send_reset+0x1 ^nft_do_chain+0x10 [nf_tables]",
    ]);
    check("bare frames", "see tcp_v4_rcv\ntcp_v4_rcv+0x99b/0xee0\nip_rcv+0x10\n", ["2 bare: tcp_v4_rcv+0x99b/0xee0 ^ip_rcv+0x10"]);
    check("folded", "python3;do_syscall_64;__x64_sys_connect;tcp_v4_rcv+0x99b 12\n", ["1 folded: tcp_v4_rcv+0x99b ^__x64_sys_connect ^do_syscall_64 ^python3"]);
  });

  describe("what is no stack", () => {
    for (const text of [
      fixture("bpftrace-json-nonutf8-1.ndjson"),
      "RIP: 0033:0x7efcbdfc0350\nR10: 0000000000000000 R11: 0000000000000202\nCode: 40 00 48 8b\nx29: ffff x28: ffff\nModules linked in: a(E) b\n",
      "0x1+0x2/0x3\n", "a sentence about tcp_v4_rcv+0x1 in the middle\n", "Call Trace:\n", "one two\n[12]\n",
    ]) {
      check(JSON.stringify(text.slice(0, 40)), text, []);
    }
  });

  it("says which line in a stack it could not read", () => {
    const { diagnostics } = parseStacks("Call Trace:\n a+0x1/0x2\n b+0xzz/0x2\n c+0x9/0x2\n");
    assert.deepEqual(diagnostics.map(({ line }) => line), [3, 4]);
  });

  it("reads its own writing back, in oops form", () => {
    const frames = fc.array(fc.tuple(symbols, fc.nat(4000), fc.boolean()), { minLength: 2, maxLength: 20 });
    fc.assert(fc.property(frames, (list) => {
      const text = ["Call Trace:", ...list.map(([name, offset, doubt]) => ` ${doubt ? "? " : ""}${name}+0x${offset.toString(16)}/0xfff`)].join("\n");
      const [stack] = parseStacks(text).stacks;
      assert.deepEqual(stack?.frames.map((frame) => [frame.symbol, frame.offset, !frame.reliable]), list);
    }));
  });

  it("never throws on damaged text", () => {
    const texts = readdirSync(fixtures).filter((name) => name.endsWith(".txt")).map((name) => readFileSync(join(fixtures, name), "latin1").slice(0, 4000));
    fc.assert(fc.property(fc.constantFrom(...texts), fc.nat(4000), fc.string({ unit: "binary", maxLength: 20 }), (text, at, noise) => {
      parseStacks(text.slice(0, at) + noise + text.slice(at + 3));
    }), { numRuns: 200 });
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => void parseStacks(text)));
  });
});
