import assert from "node:assert/strict";
import { dropProbes, type DropProgramOptions } from "../../src/bpftrace/dropProgram";
import { dropRecord } from "../../src/bpftrace/dropRecord";
import { KernelFields, type FieldPlaces } from "../../src/bpftrace/kernelFields";
import { recordMark, recordProgram } from "../../src/bpftrace/recordProgram";
import { RecordReader } from "../../src/bpftrace/recordReader";

/** Fields eight bytes apart, but for those named. */
const places = (without: readonly string[] = []): FieldPlaces => (structure, path) => (without.includes(path) ? undefined : 8 * `${structure}.${path}`.length);

const options: DropProgramOptions = {
  source: { tracepoint: true, hasReason: true }, filter: {}, endianness: "little", kernel: new KernelFields(places()),
  queueProbes: [
    { function: "tcp_conn_request", socketArgument: 2, packetArgument: 3, takesSyns: true },
    { function: "tcp_v6_syn_recv_sock", socketArgument: 0, packetArgument: 1, takesSyns: false },
  ],
};

describe("dropProbes", () => {
  it("reads the tracepoint, and what full queues drop in silence", () => {
    const probes = dropProbes(options);
    assert.deepEqual(probes.map(({ attach }) => attach), ["tracepoint:skb:kfree_skb", "kprobe:tcp_conn_request", "kprobe:tcp_v6_syn_recv_sock"]);
    assert.match(probes[1]?.conditions[0] ?? "", /\) > \*\(uint32 \*\).*\) \|\| \(\*\(int32 \*\).* >= \(int32\).* == 0/);
    assert.equal(probes[2]?.conditions[1], `${options.kernel.of("skb.protocol", "$skb")} == 56710`);
  });
  it("does without what a kernel lacks", () => {
    const kernel = new KernelFields(places(["ns.inum", "ipv4.sysctl_tcp_syncookies"]));
    const probes = dropProbes({ ...options, source: { tracepoint: true, hasReason: false }, kernel });
    assert.doesNotMatch(recordProgram(probes), /args->reason| -2/);
    assert.ok(probes.every(({ shapes }) => shapes.every(({ fields }) => fields.every(([name]) => !name.endsWith("netns")))));
  });
  it("probes the function that drops, for its last owner and for what is dropped", () => {
    const [probe] = dropProbes({ ...options, source: { function: "sk_skb_reason_drop", packetArgument: 1, reasonArgument: 2, notDropped: [1] }, filter: { port: 80 } });
    assert.deepEqual([probe?.attach, probe?.stackInKey, probe?.conditions[2]], ["kprobe:sk_skb_reason_drop", true, "arg2 != 1"]);
    assert.deepEqual(probe?.conditions.slice(0, 2), ["arg1 != 0", `${options.kernel.of("skb.users", "arg1")} == 1`]);
    assert.match(recordProgram([probe]), /\$protocol == 8\) \{/);
  });
});

describe("dropRecord", () => {
  const reader = new RecordReader(dropProbes(options));
  const tail = "\n\tffffffffbc7909eb kfree_skb_reason+123\n\tffffffffbc87bfb1 tcp_v4_rcv+129\n\tffffffffbc8448e2 ip_protocol_deliver_rcu+50\n\ncomm python3\n";
  const parse = (head: string) => {
    const record = reader.record(`${recordMark} ${head}\n${tail}`);
    assert.ok(record, head);
    return dropRecord(record, "little");
  };

  it("reads what 0.17 wrote on 6.1", () => {
    const drop = parse("ipv4|849064847994782208|2|ffffffffbc87bfb1|2048|6f6c|0|4026531840|0|6|2|61065|2304|127.0.0.1|127.0.0.1|1926");
    assert.deepEqual([drop.reason, drop.device, drop.netns, drop.packet?.transport, drop.packet?.flags, drop.packet?.destination], [2, "lo", 4026531840, 6, ["SYN"], { address: "127.0.0.1", port: 9 }]);
    assert.deepEqual(drop.stack.map(({ symbol, kind }) => `${symbol ?? ""} ${kind}`), ["tcp_v4_rcv return", "ip_protocol_deliver_rcu return"]);
  });
  it("does not believe what stands where a device once was", () => {
    const drop = parse("other|0|1|ffffffffbc87bfb1|2054|ff01|0|77|12|5");
    assert.deepEqual([drop.device, drop.netns, drop.packet, drop.protocol], [undefined, undefined, undefined, 2054]);
  });
  it("begins where the function was called that frees packets, where no tracepoint tells the place", () => {
    const own = new RecordReader(dropProbes({ ...options, source: { function: "kfree_skb_reason", packetArgument: 0, reasonArgument: 1, notDropped: [] } }));
    const record = own.record(`${recordMark} ipv4|0|2|8|6f6c|0|4026531840|0|6|2|61065|2304|127.0.0.1|127.0.0.1|1926\n${tail}`);
    assert.ok(record);
    const drop = dropRecord(record, "little");
    assert.deepEqual([drop.protocol, drop.location, drop.stack.map(({ symbol, kind }) => `${symbol ?? ""} ${kind}`)], [0x0800, 0xffffffffbc87bfb1n, ["tcp_v4_rcv return", "ip_protocol_deliver_rcu return"]]);
  });
  it("knows a queue's packet by its probe", () => {
    const drop = parse("ipv4:tcp_conn_request|1|-1|4026531840|61065|2304|10.0.0.2|10.0.0.1|5");
    assert.deepEqual([drop.reason, drop.packet?.transport, drop.packet?.flags, drop.protocol], [-1, 6, ["SYN"], 0x0800]);
  });
});
