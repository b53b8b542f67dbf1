import assert from "node:assert/strict";
import { callProbe, type CallParameter } from "../../../src/bpftrace/callProgram";
import { KernelFields } from "../../../src/bpftrace/kernelFields";
import { recordMark, recordProgram } from "../../../src/bpftrace/recordProgram";
import { RecordReader } from "../../../src/bpftrace/recordReader";
import { callEvent, plainValue } from "../../../src/collectors/traces/callEvent";
import { nearestNames, probeObstacle } from "../../../src/collectors/traces/traceFunction";
import type { TracerFacts } from "../../../src/probes/tracerProbe";

const kernel = new KernelFields(() => 8);
const parameters: readonly CallParameter[] = [{ name: "sk", type: "struct sock *" }, { name: "skb", type: "struct sk_buff *" }, { name: "segs", type: "int" }];
const probe = callProbe({ function: "tcp_retransmit_skb", parameters, filter: {}, endianness: "little", kernel });

describe("callProbe", () => {
  it("prints arguments, and the ends of the socket and packet among them", () => {
    const program = recordProgram([probe]);
    assert.match(program, /kprobe:tcp_retransmit_skb \{\s+\$sk = arg0;\s+\$skb = arg1;\s+\$head = \*\(uint64 \*\)\(\$skb \+ 8\);/);
    assert.match(program, /@seen_at\[\$key, \$stack\]/);
  });
  it("cannot filter by port where no argument has one", () => {
    assert.throws(() => callProbe({ function: "f", parameters: [], filter: { port: 80 }, endianness: "little", kernel }), /does not know ports/);
  });
});

describe("callEvent", () => {
  it("says what the arguments held", () => {
    const head = `${recordMark} call|0|ffff888001|ffff888002|ffffffff|2|1|443|20480|10.0.0.1|10.0.0.2|4026531840|8|6|20480|47873|24|10.0.0.2|10.0.0.1|77`;
    const record = new RecordReader([probe]).record(`${head}\n\n\tffffffff81000001 tcp_retransmit_skb+1\n\tffffffff81000100 caller+5\n\ncomm app\n`);
    assert.ok(record);
    const event = callEvent("tcp_retransmit_skb", parameters, record, "little");
    assert.deepEqual(event.arguments.map(({ name, value }) => `${name}=${value}`), ["sk=10.0.0.1:443 ↔ 10.0.0.2:80 ESTAB", "skb=TCP PSH,ACK 10.0.0.2:80 → 10.0.0.1:443", "segs=-1"]);
    assert.deepEqual([event.endpoints?.local, event.netns, event.process.pid], [{ address: "10.0.0.1", port: 443 }, 4026531840, 77]);
  });
  it("reads the address that an argument points to", () => {
    const [connect] = [[{ name: "sk", type: "struct sock *" }, { name: "uaddr", type: "struct sockaddr *" }]];
    const probed = callProbe({ function: "tcp_v4_connect", parameters: connect, filter: {}, endianness: "little", kernel });
    const head = `${recordMark} call|0|ffff888001|ffff888002|2|7|0|0|0.0.0.0|0.0.0.0|4026531840|100007f09000002|0|0|0|0|0|0|0|77`;
    const record = new RecordReader([probed]).record(`${head}\n\n\tffffffff81000001 tcp_v4_connect+1\n\ncomm app\n`);
    assert.ok(record);
    assert.equal(callEvent("tcp_v4_connect", connect, record, "little").arguments[1]?.value, "127.0.0.1:9");
  });
  it("takes of a register what the type uses", () => {
    assert.deepEqual([plainValue(0xffffffffn, "int"), plainValue(0x1ffn, "u8"), plainValue(0n, "void *"), plainValue(16n, "struct x *")], ["-1", "255", "NULL", "0x10"]);
  });
});

describe("what cannot be probed", () => {
  const facts: TracerFacts = { hasBtf: true, hasKprobes: true, tracers: [], words: [], formats: new Map(), functions: [{ name: "tcp_v4_connect", isTraceable: true }, { name: "tcp_v4_rcv_x", isTraceable: false }] };
  const judge = (name: string) => probeObstacle(facts, { kind: "function", name });
  it("is told from what is not there, with names that are near", () => {
    assert.equal(judge("tcp_v4_connect"), undefined);
    assert.match(judge("tcp_v4_conect")?.sentence ?? "", /no function tcp_v4_conect .* Near: tcp_v4_connect\./);
    assert.match(judge("tcp_v4_rcv_x")?.sentence ?? "", /notrace/);
    assert.match(judge("tcp:no_such")?.sentence ?? "", /no tracepoint/);
  });
  it("likest names come first", () => assert.deepEqual(nearestNames([{ name: "tcp_v4_connect_init" }, { name: "x_tcp_v4_conn" }, { name: "tcp_v4_conn2" }], "tcp_v4_conn"), ["tcp_v4_conn2", "x_tcp_v4_conn", "tcp_v4_connect_init"]));
});
