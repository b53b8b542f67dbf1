import assert from "node:assert/strict";
import { dropProbes, type DropProgramOptions } from "../../src/bpftrace/dropProgram";
import { dropRecord } from "../../src/bpftrace/dropRecord";
import { kernelStructs, type FieldPlaces } from "../../src/bpftrace/kernelStructs";
import { recordMark, recordProgram } from "../../src/bpftrace/recordProgram";
import { RecordReader } from "../../src/bpftrace/recordReader";

/** Each field of a structure eight bytes after the one before, but for those named. */
const places = (without: readonly string[] = []): FieldPlaces => {
  const next = new Map<string, number>();
  return (structure, path) => {
    if (without.includes(path)) return undefined;
    const at = next.get(structure) ?? 0;
    next.set(structure, at + 16);
    return at;
  };
};

const options: DropProgramOptions = {
  hasReason: true, filter: {}, endianness: "little", structs: kernelStructs(places()),
  queueProbes: [
    { function: "tcp_conn_request", socketArgument: 2, packetArgument: 3, takesSyns: true },
    { function: "tcp_v6_syn_recv_sock", socketArgument: 0, packetArgument: 1, takesSyns: false },
  ],
};

describe("kernelStructs", () => {
  it("puts each field where the target has it", () => {
    const { text, has } = kernelStructs((structure, path) => (structure === "sk_buff" ? { dev: 16, head: 200 }[path] : undefined));
    assert.match(text, /struct kn_skb \{ char pad0\[16\]; struct kn_dev \*dev; char pad1\[176\]; unsigned char \*head; \};/);
    assert.match(text, /struct kn_net \{ char nothing; \};/);
    assert.deepEqual([has("kn_skb.dev"), has("kn_skb.sk"), has("kn_net.inum")], [true, false, false]);
  });
});

describe("dropProbes", () => {
  it("reads the tracepoint, and what full queues drop in silence", () => {
    const probes = dropProbes(options);
    assert.deepEqual(probes.map(({ attach }) => attach), ["tracepoint:skb:kfree_skb", "kprobe:tcp_conn_request", "kprobe:tcp_v6_syn_recv_sock"]);
    assert.match(probes[1]?.conditions[0] ?? "", /accepted > \$sk->backlog\) \|\| \(.*requests.*syncookies == 0/);
    assert.deepEqual(probes[2]?.conditions, ["$sk->accepted > $sk->backlog", "$skb->protocol == 56710"]);
  });
  it("does without what a kernel lacks", () => {
    const structs = kernelStructs(places(["ns.inum", "ipv4.sysctl_tcp_syncookies"]));
    const program = recordProgram(dropProbes({ ...options, hasReason: false, structs }), structs.text);
    assert.doesNotMatch(program, /inum|args->reason|->syncookies/);
  });
  it("uses only fields that its structures have", () => {
    const program = recordProgram(dropProbes({ ...options, filter: { port: 80, netns: 4026531840 } }), options.structs.text);
    for (const [, field = ""] of program.matchAll(/\$(?:skb|sk)->(\w+)/g)) assert.match(options.structs.text, new RegExp(`\\b\\*?${field}(?:\\[\\d+\\])?;`), field);
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
    const drop = parse("ipv4|849064847994782208|2|ffffffffbc87bfb1|2048|lo|4026531840|0|6|2|61065|2304|127.0.0.1|127.0.0.1|1926");
    assert.deepEqual([drop.reason, drop.device, drop.netns, drop.packet?.transport, drop.packet?.flags, drop.packet?.destination], [2, "lo", 4026531840, 6, ["SYN"], { address: "127.0.0.1", port: 9 }]);
    assert.deepEqual(drop.stack.map(({ symbol, kind }) => `${symbol ?? ""} ${kind}`), ["tcp_v4_rcv return", "ip_protocol_deliver_rcu return"]);
  });
  it("does not believe what stands where a device once was", () => {
    const drop = parse("other|0|1|ffffffffbc87bfb1|2054|\u0001\u00ff|77|12|5");
    assert.deepEqual([drop.device, drop.netns, drop.packet, drop.protocol], [undefined, undefined, undefined, 2054]);
  });
  it("knows a queue's packet by its probe", () => {
    const drop = parse("ipv4:tcp_conn_request|1|-1|4026531840|61065|2304|10.0.0.2|10.0.0.1|5");
    assert.deepEqual([drop.reason, drop.packet?.transport, drop.packet?.flags, drop.protocol], [-1, 6, ["SYN"], 0x0800]);
  });
});
