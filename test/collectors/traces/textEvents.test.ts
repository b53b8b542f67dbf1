import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { TraceSink } from "../../../src/collectors/traces/collector";
import { dropTextEvents } from "../../../src/collectors/traces/dropTextEvents";
import { defineLate, defineProbes, FtraceDecoder, ftraceCommand } from "../../../src/collectors/traces/ftraceCollector";
import { PerfDecoder, perfCommand } from "../../../src/collectors/traces/perfCollector";
import { resetTextEvents } from "../../../src/collectors/traces/resetTextEvents";
import type { TraceEvent } from "../../../src/collectors/traces/traceModel";

interface Collected {
  readonly events: TraceEvent[];
  lost: number;
  ready: boolean;
}

function sinkOf(): { readonly seen: Collected; readonly sink: TraceSink<TraceEvent> } {
  const seen: Collected = { events: [], lost: 0, ready: false };
  return { seen, sink: { ready: () => (seen.ready = true), event: (event) => seen.events.push(event), lost: (events) => (seen.lost += events), say: () => undefined } };
}

function read(decoder: { line(text: string, sink: TraceSink<TraceEvent>): void; end?(sink: TraceSink<TraceEvent>): void }, text: string): Collected {
  const { seen, sink } = sinkOf();
  for (const line of text.split("\n")) decoder.line(line, sink);
  decoder.end?.(sink);
  return seen;
}

const resets = resetTextEvents({ probes: [{ function: "tcp_v4_send_reset", reasonArgument: 2 }], reasons: new Map([[1, "NO_SOCKET"]]) }, undefined, "little");
const same = <T>(frame: T): T => frame;

/** As 6.1 writes it; the second event is of another CPU and stands before the first one's stack. */
const pipe = `knetscope ready
         python3-544     [001] b.s3.   100.000001: tcp_v4_send_reset: (tcp_v4_send_reset+0x0/0x830) sk=0xffff888001020300 family=2 state=7 num=80 dport=36895 saddr=16777343 daddr=33554442 sport=20480 reason=1
 my -> app-77      [000] b.s3.   100.000002: tcp_v4_send_reset: (tcp_v4_send_reset+0x0/0x830) sk=0x0 family=(fault)
         python3-544     [001] b.s3.   100.000003: <stack trace>
 => tcp_v4_send_reset+0x1/0x830 <ffffffffbc87a0e1>
 => tcp_v4_rcv+0x99b/0xee0 <ffffffffbc87c8cb>
CPU:1 [LOST 12 EVENTS]
 my -> app-77      [000] b.s3.   100.000004: <stack trace>
 => tcp_v4_send_reset+0x1/0x830 <ffffffffbc87a0e1>
          sleep-9      [000] .....   101.000004: tracing_mark_write: tick
`;

describe("FtraceDecoder", () => {
  it("puts events and stacks together by CPU", () => {
    const { events, lost, ready } = read(new FtraceDecoder(resets, same), pipe);
    assert.deepEqual([ready, lost, events.length], [true, 12, 2]);
    const event = events.find(({ process }) => process?.pid === 544);
    assert.ok(event?.type === "reset");
    assert.deepEqual([event.socket?.local, event.socket?.remote, event.socket?.state, event.reason, event.complete], [{ address: "127.0.0.1", port: 80 }, { address: "10.0.0.2", port: 8080 }, "UNCONN", "NO_SOCKET", false]);
    assert.deepEqual(event.stack.map(({ symbol, size }) => [symbol, size]), [["tcp_v4_send_reset", 0x830], ["tcp_v4_rcv", 0xee0]]);
    const other = events.find(({ process }) => process?.pid === 77);
    assert.deepEqual([other?.process?.name, other?.type === "reset" && other.socket, other?.stack.length], ["my -> app", undefined, 1]);
  });
  it("never throws", () => fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => void read(new FtraceDecoder(dropTextEvents, same), `a-1 [0] x 1.0: kfree_skb: ${text}\n${text}\n => ${text}`))));
});

describe("PerfDecoder on modules loaded after perf began", () => {
  const text = `nc  1077/1077  [000]   313.173444:  knetscope_00000001:nf_send_reset: (ffffffffc036b340)
\tffffffffc036b341 [unknown] ([unknown])
\tffffffffc03d711f [unknown] ([unknown])
\tffffffff8e839f21 nf_hook_slow+0x41 ([kernel.kallsyms])
\t    7f0000001000 [unknown] ([unknown])
`;
  it("keeps their frames, and knows the probed function by the event", () => {
    const { events } = read(new PerfDecoder(resetTextEvents({ probes: [{ function: "nf_send_reset" }], reasons: new Map() }, undefined, "little"), same), text);
    assert.deepEqual(events[0]?.stack.map(({ symbol, address, kind }) => [symbol, address, kind]), [["nf_send_reset", 0xffffffffc036b341n, "exact"], [undefined, 0xffffffffc03d711fn, "return"], ["nf_hook_slow", 0xffffffff8e839f21n, "return"]]);
  });
});

describe("resets as text", () => {
  const active = resetTextEvents({ probes: [{ function: "tcp_send_active_reset" }], reasons: new Map() }, undefined, "little");
  const socketText = (family: number, remote: string): string =>
    `sk=0xffff888001020300 family=${family} state=7 num=0 dport=36895 saddr=0 daddr=0 saddr6=0xb80d0120 saddr6end=0x100000000000000 ${remote} sport=20480`;
  const reset = (text: string, source = active, name = "tcp_send_active_reset"): TraceEvent | undefined =>
    read(new FtraceDecoder(source, same), `  python3-5 [000] b.s3. 1.000001: ${name}: (${name}+0x4/0x200) ${text}`).events[0];

  it("of an IPv6 socket have its family and its ends, also when the function serves both versions", () => {
    const event = reset(socketText(10, "daddr6=0xb80d0120 daddr6end=0x200000000000000"));
    assert.ok(event?.type === "reset");
    assert.deepEqual([event.kind, event.family, event.socket?.local, event.socket?.remote], ["active", "ipv6", { address: "2001:db8::1", port: 80 }, { address: "2001:db8::2", port: 8080 }]);
  });
  it("of a dual-stack socket that speaks IPv4 are IPv4", () => {
    const event = reset(socketText(10, "daddr6=0x0 daddr6end=0x7b0200c0ffff0000"));
    assert.ok(event?.type === "reset");
    assert.deepEqual([event.family, event.socket?.remote.address], ["ipv4", "192.0.2.123"]);
  });
  it("have no ends where the addresses could not be fetched, and still their family", () => {
    const event = reset(socketText(10, "daddr6=(fault) daddr6end=(fault)"));
    assert.ok(event?.type === "reset");
    assert.deepEqual([event.family, event.socket], ["ipv6", undefined]);
  });
  it("without a socket are of the version that their function is of", () => {
    const source = resetTextEvents({ probes: [{ function: "tcp_v6_send_reset" }], reasons: new Map() }, undefined, "little");
    const event = reset("sk=0x0 family=(fault) state=(fault)", source, "tcp_v6_send_reset");
    assert.ok(event?.type === "reset");
    assert.deepEqual([event.kind, event.family, event.socket], ["passive", "ipv6", undefined]);
  });
  it("read both versions' addresses of a big-endian machine", () => {
    const big = resetTextEvents({ probes: [{ function: "tcp_send_active_reset" }], reasons: new Map() }, undefined, "big");
    const event = reset("sk=0xffff family=10 state=7 num=443 dport=8080 saddr6=0x20010db800000000 saddr6end=0x1 daddr6=0x20010db800000000 daddr6end=0x2 sport=443", big);
    const plain = reset("sk=0xffff family=2 state=7 num=443 dport=8080 saddr=3221226040 daddr=3221226041 sport=443", big);
    assert.ok(event?.type === "reset" && plain?.type === "reset");
    assert.deepEqual([event.socket?.local.address, event.socket?.remote.address, event.socket?.remote.port], ["2001:db8::1", "2001:db8::2", 8080]);
    assert.deepEqual([plain.socket?.local.address, plain.socket?.remote.address], ["192.0.2.56", "192.0.2.57"]);
  });
});

describe("drops as text", () => {
  const drops = (text: string): TraceEvent[] => read(new FtraceDecoder(dropTextEvents, same), text).events;
  it("begin where the packet was given up, whatever functions freed it", () => {
    const [event] = drops(`  curl-5 [000] b.s3. 1.000001: kfree_skb: skbaddr=00000000fd1 protocol=2048 location=00000000aabbccdd reason: NO_SOCKET
  curl-5 [000] b.s3. 1.000002: <stack trace>
 => trace_event_raw_event_kfree_skb+0x9/0x10 <ffffffff81000001>
 => kfree_skb_reason+0x7b/0x100 <ffffffff81000101>
 => tcp_v4_rcv+0x81/0xee0 <ffffffff81000201>
`);
    assert.ok(event?.type === "drop");
    assert.deepEqual([event.reason, event.protocol, event.place?.symbol, event.place?.kind], ["NO_SOCKET", "IPv4", "tcp_v4_rcv", "return"]);
  });
});

describe("ftraceCommand", () => {
  it("undoes exactly what it does, under names of its own", () => {
    const probes = defineProbes(resets, "knetscope_ab");
    assert.deepEqual([probes.lines, probes.events], [["p:knetscope_ab/tcp_v4_send_reset tcp_v4_send_reset sk=$arg1:x64 reason=$arg3:s32"], ["knetscope_ab/tcp_v4_send_reset"]]);
    const { argv, undo } = ftraceCommand("/sys/kernel/tracing", probes, "ab", undefined);
    assert.ok(argv.includes("knetscope-ab") && undo?.[0]?.includes("knetscope-ab") && undo[0].includes("knetscope_ab/tcp_v4_send_reset"));
  });
});

describe("probes of functions whose module is not loaded", () => {
  const late = new Map([["nf_send_reset", "nf_reject_ipv4:nf_send_reset"]]);
  const probes = defineProbes({ ...resets, late }, "knetscope_ab");

  /** What the lines that set them make of a tracefs whose kprobe_events is `file`. */
  const define = (folder: string, definitions: readonly string[]) =>
    spawnSync("sh", ["-c", `tracefs=$1 events=first late=$2\n${defineLate}\necho "$events"`, "test", folder, definitions.join("\n")], { encoding: "utf8" });

  it("are not among those that must succeed, and are undone like them", () => {
    assert.deepEqual([probes.late, probes.lines.length, probes.events], [["p:knetscope_ab/nf_send_reset nf_reject_ipv4:nf_send_reset"], 1, ["knetscope_ab/tcp_v4_send_reset"]]);
    for (const { undo } of [ftraceCommand("/t", probes, "ab", undefined), perfCommand("/t", probes, undefined)]) assert.ok(undo?.[0]?.includes("knetscope_ab/nf_send_reset"));
    assert.match(ftraceCommand("/t", probes, "ab", undefined).undo?.[0]?.[6] ?? "", /knetscope_ab\/nf_send_reset$/);
  });

  it("are enabled where the kernel takes them, and said not to be seen where it does not", () => {
    const folder = mkdtempSync(join(tmpdir(), "knetscope-"));
    try {
      assert.deepEqual(define(folder, []).stdout, "first\n");
      const taken = define(folder, probes.late);
      assert.deepEqual([taken.stdout, taken.stderr, readFileSync(join(folder, "kprobe_events"), "utf8")], ["first knetscope_ab/nf_send_reset\n", "", `${probes.late[0] ?? ""}\n`]);
      const refused = define(join(folder, "nowhere"), probes.late);
      assert.equal(refused.stdout, "first\n");
      assert.match(refused.stderr, /^nf_reject_ipv4:nf_send_reset is not seen if its module is loaded from now on/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** As perf 6.1 prints it from a pipe, shortened. */
const script = `swapper     0/0     [000]  1200.947139: cpu-clock/period=1000000000/: 
\tffffffffb3e17a0b native_safe_halt+0xb ([kernel.kallsyms])

python3 x   541/541   [000]  1201.100001: skb:kfree_skb: skbaddr=0xffff9cc2c2b6a100 protocol=2048 location=0xffffffff81000201 reason: NETFILTER_DROP
\tffffffff81000101 kfree_skb_reason+0x7b ([kernel.kallsyms])
\tffffffff81000201 nf_hook_slow+0xa1 ([kernel.kallsyms])
\t    7f21f0a3be13 __libc_connect+0x13 (/usr/lib/libc.so.6)

python3   541/541   [000]  1201.100002: PERF_RECORD_LOST lost 7
swapper     0/0     [001]  1201.200001: skb:kfree_skb: skbaddr=0xffff9cc2c2b6a200 protocol=4 location=0xffffffff81000301 reason: UNHANDLED_PROTO
\tffffffff81000301 __netif_receive_skb_core+0x11 ([kernel.kallsyms])
`;

describe("PerfDecoder", () => {
  it("is ready at the first tick, and reads events, kernel stacks and losses", () => {
    assert.equal(read(new PerfDecoder(dropTextEvents, same), "").ready, false);
    const { events, lost, ready } = read(new PerfDecoder(dropTextEvents, same), script);
    assert.deepEqual([ready, lost], [true, 7]);
    assert.deepEqual(events.map((event) => [event.process?.name, event.type === "drop" && event.reason, event.stack.map(({ symbol }) => symbol)]), [
      ["python3 x", "NETFILTER_DROP", ["nf_hook_slow"]], ["swapper", "UNHANDLED_PROTO", ["__netif_receive_skb_core"]],
    ]);
  });
  it("never throws", () => fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...script.split("\n")))), (lines) => void read(new PerfDecoder(dropTextEvents, same), lines.join("\n")))));
});

describe("perfCommand", () => {
  it("undoes its probes, and leaves what only reads without an undo", () => {
    const probes = defineProbes(resets, "knetscope_ab");
    assert.ok(perfCommand("/sys/kernel/tracing", probes, 12).undo?.[0]?.includes("knetscope_ab/tcp_v4_send_reset"));
    assert.equal(perfCommand("/sys/kernel/tracing", defineProbes(dropTextEvents, "knetscope_ab"), undefined).undo, undefined);
  });
});
