/** What the probes of ftrace and perf fetch of real headers, and what becomes of it. The structures lie in a memory of the test's own, at offsets of its own types. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ResetFunction } from "../../../src/bpftrace/resetProgram";
import { Btf } from "../../../src/btf/btf";
import type { ResetEvent } from "../../../src/collectors/traces/resetModel";
import { resetTextEvents } from "../../../src/collectors/traces/resetTextEvents";
import { explainReset } from "../../../src/knowledge/explainReset";
import { parseAddress } from "../../../src/base/addressText";
import { btfFile, type BtfType } from "../../support/btfFile";
import { fetchedText } from "../../support/fetchArguments";

const types: readonly BtfType[] = [
  { kind: 1, name: "u8", target: 1, rest: [8] }, { kind: 1, name: "u16", target: 2, rest: [16] }, { kind: 1, name: "u32", target: 4, rest: [32] }, { kind: 1, name: "u64", target: 8, rest: [64] },
  { kind: 4, name: "in6_addr", target: 16, members: [["low", 4, 0], ["high", 4, 64]] },
  { kind: 4, name: "sock_common", target: 64, members: [
    ["skc_daddr", 3, 0], ["skc_rcv_saddr", 3, 32], ["skc_dport", 2, 64], ["skc_num", 2, 80], ["skc_family", 2, 96], ["skc_state", 1, 112], ["skc_v6_daddr", 5, 128], ["skc_v6_rcv_saddr", 5, 256],
  ] },
  { kind: 4, name: "sock", target: 96, members: [["__sk_common", 6, 0], ["sk_socket", 4, 512], ["sk_shutdown", 1, 576]] },
  { kind: 4, name: "inet_sock", target: 104, members: [["sk", 7, 0], ["inet_sport", 2, 768]] },
  { kind: 4, name: "tcp_sock", target: 112, members: [["inet", 8, 0], ["linger2", 3, 832]] },
  { kind: 4, name: "inet_timewait_sock", target: 72, members: [["__tw_common", 6, 0], ["tw_substate", 1, 512]] },
  { kind: 4, name: "sk_buff", target: 64, members: [["len", 3, 0], ["transport_header", 2, 144], ["network_header", 2, 160], ["head", 4, 192], ["data", 4, 256]] },
];

const [socketAt, packetAt, headAt] = [0xffff888000001000n, 0xffff888000002000n, 0xffff888000003000n];
const room = 64;

interface Given {
  readonly name?: ResetFunction;
  readonly endianness?: "little" | "big";
  readonly socket?: Buffer;
  /** IP header, then TCP header. */
  readonly headers?: Buffer;
  /** Bytes of the IP header. */
  readonly ipLength?: number;
  /** Where skb->data points, behind the TCP header's first byte. */
  readonly pulled?: number;
}

function event({ name = "tcp_v6_send_reset", endianness = "little", socket, headers, ipLength = 40, pulled = 0 }: Given): ResetEvent | undefined {
  const source = resetTextEvents({ probes: [{ function: name, reasonArgument: 2 }], reasons: new Map([[3, "NO_SOCKET"]]) }, Btf.parse(btfFile(types, endianness), "test"), endianness);
  const skb = words(endianness, 64, [[18, 2, BigInt(room + ipLength)], [20, 2, BigInt(room)], [24, 8, headAt], [32, 8, headAt + BigInt(room + ipLength + pulled)]]);
  const pieces = new Map([[packetAt, skb], ...(socket ? [[socketAt, socket] as const] : []), ...(headers ? [[headAt, Buffer.concat([Buffer.alloc(room), headers])] as const] : [])]);
  const text = fetchedText(source.probes.get(name) ?? "", { endianness, values: [socket ? socketAt : 0n, packetAt, 3n], pieces });
  return source.event({ name, text, comm: "python3", pid: 5, stack: [] });
}

/** A structure with numbers in the machine's order: at, bytes, value. */
function words(endianness: "little" | "big", size: number, values: readonly (readonly [number, number, bigint])[]): Buffer {
  const buffer = Buffer.alloc(size);
  for (const [at, width, value] of values) {
    const bytes = Buffer.from(BigInt.asUintN(width * 8, value).toString(16).padStart(width * 2, "0"), "hex");
    bytes.copy(buffer, at);
    if (endianness === "little") buffer.subarray(at, at + width).reverse();
  }
  return buffer;
}

const address = (text: string): Buffer => Buffer.from(parseAddress(text) ?? []);
/** Ports 52005 and 7104, sequence number 3761377161, ten words of header. */
const tcpHeader = (flags: number): Buffer => Buffer.from(`cb251bc0e0320f8900000000a0${flags.toString(16).padStart(2, "0")}fef000000000${"00".repeat(20)}`, "hex");
const overIpv6 = (flags: number, payload = 0): Buffer => Buffer.concat([Buffer.from("60000000", "hex"), Buffer.from([0, 40 + payload, 6, 64]), address("2001:db8::1"), address("2001:db8::2"), tcpHeader(flags)]);
const overIpv4 = (flags: number, payload = 0): Buffer => Buffer.concat([Buffer.from("45000000", "hex").fill(60 + payload, 3), Buffer.alloc(8), address("192.0.2.1"), address("192.0.2.2"), tcpHeader(flags)]);

function socketOf(endianness: "little" | "big", family: number, state: number, remote: string): Buffer {
  const socket = words(endianness, 112, [[10, 2, 7104n], [12, 2, BigInt(family)], [14, 1, BigInt(state)], [64, 8, 0xffff888000004000n], [72, 1, 3n], [104, 4, -1n]]);
  socket.writeUInt16BE(52005, 8);
  address("2001:db8::2").copy(socket, 32);
  address("192.0.2.2").copy(socket, 4);
  const ends = parseAddress(remote) ?? [];
  Buffer.from(ends).copy(socket, family === 10 ? 16 : 0);
  return socket;
}

for (const endianness of ["little", "big"] as const) {
  describe(`resets as ftrace fetches them (${endianness})`, () => {
    it("closed port over IPv6: no socket, and the SYN that came for one", () => {
      const found = event({ endianness, headers: overIpv6(2) });
      assert.deepEqual([found?.kind, found?.family, found?.reason, found?.socket, found?.complete], ["passive", "ipv6", "NO_SOCKET", undefined, undefined]);
      assert.deepEqual(found?.packet, { source: { address: "2001:db8::1", port: 52005 }, destination: { address: "2001:db8::2", port: 7104 }, flags: ["SYN"], seq: 3761377161, ack: 0, payload: 0 });
    });
    it("closed port over IPv4, with data", () => {
      const found = event({ name: "tcp_v4_send_reset", endianness, headers: overIpv4(0x18, 5), ipLength: 20 });
      assert.deepEqual([found?.family, found?.packet?.source, found?.packet?.destination.address, found?.packet?.flags, found?.packet?.payload], ["ipv4", { address: "192.0.2.1", port: 52005 }, "192.0.2.2", ["PSH", "ACK"], 5]);
    });
    it("an active one of an IPv6 socket, with what tells how it was closed", () => {
      const found = event({ name: "tcp_send_active_reset", endianness, socket: socketOf(endianness, 10, 7, "2001:db8::1") });
      assert.deepEqual([found?.kind, found?.family], ["active", "ipv6"]);
      assert.deepEqual(found?.socket, { local: { address: "2001:db8::2", port: 7104 }, remote: { address: "2001:db8::1", port: 52005 }, state: "UNCONN", hasOwner: true, linger2: -1, shutdown: 3 });
    });
    it("a TIME-WAIT has only its substate", () => {
      const socket = socketOf(endianness, 2, 6, "192.0.2.1").subarray(0, 72);
      socket[64] = 5;
      const found = event({ name: "tcp_v4_send_reset", endianness, socket, headers: overIpv4(0x10), ipLength: 20 });
      assert.deepEqual(found?.socket, { local: { address: "192.0.2.2", port: 7104 }, remote: { address: "192.0.2.1", port: 52005 }, state: "TIME-WAIT", substate: "FIN-WAIT-2" });
    });
  });
}

describe("resets as ftrace fetches them", () => {
  it("explain a closed port over IPv6 as surely as bpftrace's records do", () => {
    const found = event({ headers: overIpv6(2) });
    const stack = ["tcp_v6_send_reset", "tcp_v6_rcv", "ip6_protocol_deliver_rcu"].map((symbol) => ({ symbol, frames: [] }));
    const { cause } = explainReset(found ?? assert.fail("no event"), stack);
    assert.deepEqual([cause.id, cause.confidence], ["no-listener", "certain"]);
  });
  it("are none when the packet was a reset: it is not answered", () => {
    assert.equal(event({ headers: overIpv6(4) }), undefined);
  });
  it("have no packet where its headers are not at their place: IP options, or data moved on", () => {
    for (const given of [{ name: "tcp_v4_send_reset", headers: overIpv4(2), ipLength: 24 }, { headers: overIpv6(2), pulled: 40 }, {}] as const) {
      const found = event(given);
      assert.deepEqual([found?.packet, found?.complete], [undefined, false]);
    }
  });
  it("are probed without types by the socket's address and the reason alone", () => {
    const { probes } = resetTextEvents({ probes: [{ function: "tcp_v6_send_reset", reasonArgument: 2 }, { function: "nf_send_reset" }], reasons: new Map() }, undefined, "little");
    assert.deepEqual([...probes.values()], ["tcp_v6_send_reset sk=$arg1:x64 reason=$arg3:s32", "nf_send_reset"]);
  });
  it("never throw, whatever was printed", () => {
    const { event: read } = resetTextEvents({ probes: [], reasons: new Map() }, undefined, "little");
    const names = ["sk", "family", "state", "saddr6", "saddr6end", "daddr6", "daddr6end", "phead", "pdata", "thoff", "netoff", "psaddr", "pdaddr", "psaddrend", "flags", "doff", "linger2", "owner"];
    const values = fc.oneof(fc.constantFrom("(fault)", "0x0", "10", "2", "20", "-1", "0xffffffffffffffff", "0x14"), fc.string({ maxLength: 8 }));
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...names), values)), (pairs) => {
      read({ name: "tcp_v6_send_reset", text: pairs.map((pair) => pair.join("=")).join(" "), comm: "x", pid: 1, stack: [] });
    }));
  });
});
