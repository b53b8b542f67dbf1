import assert from "node:assert/strict";
import fc from "fast-check";
import type { TraceSink } from "../../../src/collectors/traces/collector";
import { dropTextEvents } from "../../../src/collectors/traces/dropTextEvents";
import { defineProbes, FtraceDecoder, ftraceCommand } from "../../../src/collectors/traces/ftraceCollector";
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
