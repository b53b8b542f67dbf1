import assert from "node:assert/strict";
import fc from "fast-check";
import { vaddr } from "../../../src/base/brands";
import { dropProbes } from "../../../src/bpftrace/dropProgram";
import { dropRecord } from "../../../src/bpftrace/dropRecord";
import { KernelFields } from "../../../src/bpftrace/kernelFields";
import { commMark, recordMark } from "../../../src/bpftrace/recordProgram";
import { RecordReader } from "../../../src/bpftrace/recordReader";
import { chainOf } from "../../../src/collectors/traces/chainFrame";
import { dropEvent } from "../../../src/collectors/traces/dropEvent";
import type { DropEvent } from "../../../src/collectors/traces/dropModel";
import { traceDrops } from "../../../src/collectors/traces/traceDrops";

const probes = dropProbes({ source: { tracepoint: true, hasReason: true }, queueProbes: [{ function: "tcp_conn_request", socketArgument: 2, packetArgument: 3, takesSyns: true }], filter: {}, endianness: "little", kernel: new KernelFields(() => 0) });
const reader = new RecordReader(probes);
const reasons = new Map([[2, "NOT_SPECIFIED"], [3, "NO_SOCKET"]]);

function dropped(name: string, values: Readonly<Record<string, string>>, ...symbols: readonly string[]): DropEvent {
  const fields = probes.flatMap(({ shapes }) => shapes).find((shape) => shape.name === name)?.fields ?? [];
  const stack = symbols.map((symbol, index) => `\tffffffff8100010${index} ${symbol}+16\n`).join("");
  const record = reader.record(`${recordMark} ${name}|256|${fields.map(([field]) => values[field] ?? "0").join("|")}|7\n\n${stack}\n${commMark}app\n`);
  assert.ok(record);
  return dropEvent(dropRecord(record, "little"), reasons);
}

const syn = { reason: "3", location: "ffffffff81000101", protocol: "2048", device: "30687465", devnetns: "4026531840", transport: "6", flags: "2", psaddr: "10.0.0.2", psource: "20480", pdaddr: "10.0.0.1", pdest: "36895" };

describe("traceDrops", () => {
  it("makes an event of what the program printed, from the place that dropped", () => {
    const { stack, ...event } = dropped("ipv4", syn, "kfree_skb_reason", "tcp_v4_rcv");
    assert.deepEqual(event, {
      type: "drop", reason: "NO_SOCKET", protocol: "IPv4", device: "eth0", netns: 4026531840, process: { pid: 7, name: "app", isOwner: true }, place: stack[0],
      packet: { source: { address: "10.0.0.2", port: 80 }, destination: { address: "10.0.0.1", port: 8080 }, transport: "TCP", flags: ["SYN"] },
    });
    assert.deepEqual(stack.map(({ symbol, address, kind }) => [symbol, address, kind]), [["tcp_v4_rcv", vaddr(0xffffffff81000101n), "return"]]);
  });

  it("has of a packet what its protocol has", () => {
    assert.deepEqual(dropped("ipv4", { ...syn, transport: "17" }).packet, { source: { address: "10.0.0.2", port: 80 }, destination: { address: "10.0.0.1", port: 8080 }, transport: "UDP" });
    assert.deepEqual(dropped("ipv4", { ...syn, transport: "1" }).packet, { source: { address: "10.0.0.2" }, destination: { address: "10.0.0.1" }, transport: "ICMP" });
    assert.deepEqual(dropped("other", { protocol: "2054" }, "arp_rcv").packet, undefined);
  });

  it("leaves out what is not known", () => {
    const event = dropped("other", { reason: "-3", device: "622f61" });
    assert.deepEqual(event, { type: "drop", process: { pid: 7, name: "app", isOwner: true }, stack: event.stack });
  });

  it("tells a full queue by the function that looked", () => {
    const { reason, protocol, packet, place } = dropped("ipv4:tcp_conn_request", { ...syn, reason: "-1", flags: "0" }, "tcp_conn_request", "tcp_v4_rcv");
    assert.deepEqual([reason, protocol, packet?.flags, place?.symbol, place?.kind], ["ACCEPT_QUEUE_FULL", "IPv4", ["SYN"], "tcp_conn_request", "exact"]);
  });

  it("has one cause for one stack and one deciding fact", () => {
    const { subject } = traceDrops;
    const values = fc.record({ reason: fc.constantFrom("-3", "-1", "2", "3", "99"), transport: fc.constantFrom("1", "6", "17"), flags: fc.nat(63).map(String), device: fc.constantFrom("30687465", "6f6c") });
    fc.assert(fc.property(values, values, fc.constantFrom("nft_do_chain", "tcp_v4_rcv", "arp_process", "f"), (one, other, symbol) => {
      const [first, second] = [one, other].map((own) => dropped("ipv4", { ...syn, ...own }, "kfree_skb_reason", symbol)) as [DropEvent, DropEvent];
      if (subject.deciding?.(first) !== subject.deciding?.(second)) return;
      const [a, b] = [first, second].map((event) => subject.explain(event, chainOf(event.stack)).cause);
      assert.deepEqual([a?.id, a?.expected], [b?.id, b?.expected]);
    }));
  });
});
