import assert from "node:assert/strict";
import fc from "fast-check";
import { conntrackReason, packetKey, parseKernelLogRecord, parsePacketLine } from "../../../src/collectors/traces/netfilterLog";

/** As Linux 6.1 wrote them. */
const complaint = "nf_ct_proto_6: SEQ is over upper bound 1618951547 (over the window of the receiver) IN=v0 OUT= MAC=b6:f2:9b:bd:0c:93:8e:4e:27:7c:ed:ce:08:00 SRC=10.9.0.2 DST=10.9.0.1 LEN=51 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=TCP SPT=50060 DPT=80 SEQ=2692628090 ACK=1818636979 WINDOW=65535 RES=0x00 ACK PSH URGP=0 ";
const matched = "LAB-INVALID IN=v0 OUT= MAC=b6:f2:9b:bd:0c:93:8e:4e:27:7c:ed:ce:08:00 SRC=10.9.0.2 DST=10.9.0.1 LEN=51 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=TCP SPT=50060 DPT=80 SEQ=2692628090 ACK=1818636979 WINDOW=65535 RES=0x00 ACK PSH URGP=0 ";
const quoting = "t4 IN=lo OUT= MAC=00:00:00:00:00:00:00:00:00:00:00:00:08:00 SRC=127.0.0.1 DST=127.0.0.2 LEN=57 TOS=0x00 PREC=0xC0 TTL=64 ID=36862 PROTO=ICMP TYPE=3 CODE=3 [SRC=127.0.0.2 DST=127.0.0.1 LEN=29 TOS=0x00 PREC=0x00 TTL=64 ID=28082 DF PROTO=UDP SPT=52831 DPT=9 LEN=9 ] ";
const datagram = "t6 IN=lo OUT= MAC=00:00:00:00:00:00:00:00:00:00:00:00:86:dd SRC=0000:0000:0000:0000:0000:0000:0000:0001 DST=2001:0db8:0000:0000:0000:0000:0000:0001 LEN=49 TC=0 HOPLIMIT=64 FLOWLBL=323745 PROTO=UDP SPT=45571 DPT=9 LEN=9 ";
const sent = " IN= OUT=knet0 SRC=10.9.0.1 DST=10.9.0.2 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=0 DF PROTO=TCP SPT=7224 DPT=54942 SEQ=1571257210 ACK=0 WINDOW=0 RES=0x00 RST URGP=0 ";

describe("parsePacketLine", () => {
  it("reads a TCP segment with its flags and numbers", () =>
    assert.deepEqual(parsePacketLine(matched), {
      prefix: "LAB-INVALID ",
      packet: { source: { address: "10.9.0.2", port: 50060 }, destination: { address: "10.9.0.1", port: 80 }, transport: "TCP", flags: ["ACK", "PSH"], seq: 2692628090, ack: 1818636979, id: 1, length: 51, deviceIn: "v0" },
    }));

  it("finds conntrack's reason before the packet", () => {
    const line = parsePacketLine(complaint);
    assert.equal(conntrackReason(line?.prefix ?? ""), "SEQ is over upper bound 1618951547 (over the window of the receiver)");
    assert.equal(conntrackReason("nf_ct_tcp: bad TCP checksum "), "bad TCP checksum");
    assert.equal(conntrackReason("LAB-INVALID "), undefined);
  });

  it("knows two lines of one packet by the packet", () => {
    const [first, second, other] = [complaint, matched, matched.replace("SEQ=2692628090", "SEQ=2692628091")].map((text) => packetKey(parsePacketLine(text)!.packet));
    assert.equal(first, second);
    assert.notEqual(second, other);
  });

  it("does not take the packet that an ICMP error quotes for the packet", () =>
    assert.deepEqual(parsePacketLine(quoting)?.packet, { source: { address: "127.0.0.1" }, destination: { address: "127.0.0.2" }, transport: "ICMP", id: 36862, length: 57, deviceIn: "lo" }));

  it("reads IPv6, and the length of IP before that of UDP", () =>
    assert.deepEqual(parsePacketLine(datagram)?.packet, { source: { address: "::1", port: 45571 }, destination: { address: "2001:db8::1", port: 9 }, transport: "UDP", length: 49, deviceIn: "lo" }));

  it("reads what leaves, and protocols by number", () => {
    const { packet } = parsePacketLine(sent)!;
    assert.deepEqual([packet.deviceIn, packet.deviceOut, packet.flags], [undefined, "knet0", ["RST"]]);
    assert.equal(parsePacketLine("IN=a OUT= SRC=10.0.0.1 DST=10.0.0.2 LEN=20 PROTO=132 ")?.packet.transport, "SCTP");
  });

  it("refuses what is no packet", () => {
    for (const text of ["", "device v0 left promiscuous mode", "IN= OUT= ", "IN=a OUT=b SRC=x DST=y PROTO=TCP", "IN=a OUT=b SRC=10.0.0.1 DST=10.0.0.2 LEN=20"]) assert.equal(parsePacketLine(text), undefined);
  });

  it("round trips", () => {
    const port = fc.integer({ min: 0, max: 65535 });
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const flags = fc.subarray(["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"]);
    fc.assert(fc.property(fc.ipV4(), fc.ipV4(), port, port, word, word, flags, port, (from, to, spt, dpt, seq, ack, set, id) => {
      const text = `p IN=e OUT= MAC= SRC=${from} DST=${to} LEN=52 TOS=0x00 PREC=0x00 TTL=64 ID=${id} DF PROTO=TCP SPT=${spt} DPT=${dpt} SEQ=${seq} ACK=${ack} WINDOW=1 RES=0x00 ${set.map((flag) => `${flag} `).join("")}URGP=0 `;
      assert.deepEqual(parsePacketLine(text)?.packet, { source: { address: from, port: spt }, destination: { address: to, port: dpt }, transport: "TCP", flags: set, seq, ack, id, length: 52, deviceIn: "e" });
    }));
  });

  it("survives damage", () => {
    const damaged = fc.tuple(fc.constantFrom(complaint, matched, quoting, datagram, sent), fc.nat(400), fc.nat(40), fc.string()).map(([text, at, length, other]) => text.slice(0, at) + other + text.slice(at + length));
    fc.assert(fc.property(fc.oneof(damaged, fc.string()), (text) => {
      const line = parsePacketLine(text);
      if (line) assert.ok(text.startsWith(line.prefix) && [line.packet.source.port, line.packet.seq, line.packet.id].every((value) => value === undefined || Number.isSafeInteger(value)));
    }));
  });
});

describe("parseKernelLogRecord", () => {
  it("reads a record", () => assert.deepEqual(parseKernelLogRecord("5,376,755439223,-;nf_ct; proto"), { sequence: 376, time: 755439223, text: "nf_ct; proto" }));
  it("reads one with more fields", () => assert.deepEqual(parseKernelLogRecord("6,1,2,-,caller=T1;x"), { sequence: 1, time: 2, text: "x" }));
  it("passes over what follows a record", () => assert.equal(parseKernelLogRecord(" SUBSYSTEM=virtio"), undefined));
  it("survives anything", () => fc.assert(fc.property(fc.string(), (text) => void parseKernelLogRecord(text))));
});
