import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import type { InetSocket } from "../../src/sockdiag/inetDiagMessage";
import { inetDumpRequest, inetExtension } from "../../src/sockdiag/inetDiagRequest";
import { addressFamily, inetProtocols } from "../../src/sockdiag/protocols";
import { knownTcpInfoSize, readTcpInfo } from "../../src/sockdiag/tcpInfo";
import { stateMask } from "../../src/sockdiag/tcpState";
import { inetSocketOf } from "../support/decodeSocket";
import { attribute, ByteWriter, inetDiagPayload, type InetDiagFields } from "../support/netlinkWriter";

const endiannesses = ["little", "big"] as const;
const anyEndianness = fc.constantFrom(...endiannesses);

const read = (fields: InetDiagFields, endianness: "little" | "big" = "little"): InetSocket => inetSocketOf(inetDiagPayload(endianness, fields), endianness);

describe("inet_diag requests", () => {
  it("are what the kernel expects, byte by byte", () => {
    const request = { family: addressFamily.ipv6, protocol: inetProtocols.tcp, states: stateMask("listening", "syn-recv"), extensions: inetExtension.skMemory } as const;
    const bytes = inetDumpRequest("little", 0x01020304, request);
    assert.equal(bytes.length, 72);
    assert.deepEqual([...bytes.subarray(0, 24)], [72, 0, 0, 0, 20, 0, 1, 3, 4, 3, 2, 1, 0, 0, 0, 0, 10, 6, 0x40, 0, 0x08, 0x04, 0, 0]);
    assert.ok(bytes.subarray(24).every((byte) => byte === 0));
    assert.deepEqual([...inetDumpRequest("big", 1, request).subarray(16, 24)], [10, 6, 0x40, 0, 0, 0, 0x04, 0x08]);
  });
});

describe("inet_diag_msg", () => {
  for (const endianness of endiannesses) {
    it(`is read in full (${endianness})`, () => {
      const fields: InetDiagFields = {
        state: 1, local: ["192.0.2.1", 443], remote: ["198.51.100.7", 50123], interfaceIndex: 3, cookie: [0x2a, 1], timer: [1, 2, 204],
        recvQ: 5, sendQ: 6, uid: 33, inode: 12345, attributes: [attribute(endianness, 8, (writer) => writer.u8(2)), attribute(endianness, 21, (writer) => writer.u64(77n))],
      };
      assert.deepEqual(read(fields, endianness), {
        family: "ipv4", state: 1, local: { address: "192.0.2.1", port: 443 }, remote: { address: "198.51.100.7", port: 50123 }, interfaceIndex: 3,
        cookie: "10000002a", timer: { name: "on", expiresMs: 204, retransmits: 2 }, recvQ: 5, sendQ: 6, uid: 33, inode: 12345, attributes: { shutdown: 2, cgroupId: 77n },
      });
    });
  }

  it("never gives SYN-RECV and TIME-WAIT to root, nor a child nobody accepted", () => {
    for (const state of [3, 12, 6]) {
      const socket = read({ state, local: ["127.0.0.1", 80], uid: 0, inode: 99 });
      assert.deepEqual([socket.uid, socket.inode], [undefined, undefined], `state ${state}`);
    }
    assert.equal(read({ state: 1, local: ["127.0.0.1", 80], uid: 0, inode: 0 }).uid, undefined);
    assert.equal(read({ state: 1, local: ["127.0.0.1", 80], uid: 0, inode: 5 }).uid, 0);
  });

  it("shows request sockets as SYN-RECV", () => {
    assert.equal(read({ state: 12, local: ["127.0.0.1", 80] }).state, 3);
  });

  it("writes IPv6 addresses as RFC 5952 does", () => {
    const socket = read({ state: 1, local: ["2001:db8::1:0:0:1", 1], remote: ["::ffff:192.0.2.1", 2] });
    assert.equal(socket.local.address, "2001:db8::1:0:0:1");
    assert.equal(read({ state: 10, local: ["::", 22] }).local.address, "::");
  });

  it("names every timer, the new delayed ACK too, and one not known yet by number", () => {
    const names = [1, 2, 3, 4, 5, 9].map((kind) => read({ state: 1, local: ["127.0.0.1", 1], timer: [kind, 0, 0] }).timer?.name);
    assert.deepEqual(names, ["on", "keepalive", "timewait", "persist", "delack", "timer 9"]);
  });

  it("throws a DomainError, and nothing else, on damaged bytes", () => {
    const whole = inetDiagPayload("little", { state: 1, local: ["127.0.0.1", 80], attributes: [attribute("little", 7, (writer) => writer.u32(1, 2, 3))] });
    fc.assert(
      fc.property(anyEndianness, fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), (endianness, length, changes) => {
        const bytes = Uint8Array.from(whole.subarray(0, length));
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          inetSocketOf(bytes, endianness);
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
    );
  });
});

describe("INET_DIAG attributes", () => {
  for (const endianness of endiannesses) {
    it(`are all read (${endianness})`, () => {
      const make = (type: number, write: (writer: ByteWriter) => ByteWriter): Uint8Array => attribute(endianness, type, write);
      const nested = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
      const text = (value: string) => (writer: ByteWriter) => writer.bytes(Buffer.from(`${value}\0`));
      const options = endianness === "little" ? [0b0000_0101, 0b0000_0001] : [0b1010_0000, 0b1000_0000];
      const { attributes } = read(
        {
          state: 1, local: ["127.0.0.1", 1],
          attributes: [
            make(1, (writer) => writer.u32(1, 2, 3, 4)),
            make(4, text("bbr")),
            make(5, (writer) => writer.u8(0x10)),
            make(6, (writer) => writer.u8(0x20)),
            make(7, (writer) => writer.u32(0, 131072, 0, 16384, 0, 0, 0, 0, 7, 8)),
            make(8, (writer) => writer.u8(3)),
            make(10, (writer) => writer.u8(1)),
            make(11, (writer) => writer.u8(1)),
            make(12, (writer) => writer.u16(2).port(2905).u8(192, 0, 2, 1).bytes(new Uint8Array(120))),
            make(13, (writer) => writer.u16(10).port(2905).u32(0).bytes(Buffer.from("20010db8000000000000000000000001", "hex")).bytes(new Uint8Array(104))),
            make(14, (writer) => writer),
            make(15, (writer) => writer.u32(0x2a)),
            make(16, (writer) => writer.u32(5, 1, 100, 739, 256)),
            make(17, (writer) => writer.u32(9)),
            make(18, (writer) => writer.u8(2, 32).u16(5).u8(192, 0, 2, 9).bytes(new Uint8Array(92))),
            make(19, (writer) => writer.bytes(nested(make(1, text("tls")), make(0x8002, (inner) => inner.bytes(nested(make(1, (w) => w.u16(0x304)), make(2, (w) => w.u16(52)), make(5, (w) => w))))))),
            make(20, (writer) => writer.u32(1, 2)),
            make(21, (writer) => writer.u64(4242n)),
            make(22, (writer) => writer.u8(...options)),
            make(99, (writer) => writer.u8(1)),
          ],
        },
        endianness,
      );
      assert.deepEqual(attributes, {
        memory: { rmem: 1, wmem: 2, fmem: 3, tmem: 4 },
        congestion: "bbr",
        tos: 0x10,
        trafficClass: 0x20,
        skMemory: { rmem_alloc: 0, rcvbuf: 131072, wmem_alloc: 0, sndbuf: 16384, fwd_alloc: 0, wmem_queued: 0, optmem: 0, backlog: 0, drops: 7, word9: 8 },
        shutdown: 3,
        protocol: 1,
        v6Only: true,
        locals: ["192.0.2.1:2905"],
        peers: ["[2001:db8::1]:2905"],
        mark: 0x2a,
        congestionInfo: { algorithm: "bbr", fields: { bw: 2 ** 32 + 5, min_rtt: 100, pacing_gain: 739, cwnd_gain: 256 } },
        classId: 9,
        md5: [{ address: "192.0.2.9", prefixLength: 32 }],
        ulp: { name: "tls", tls: { version: 0x304, cipher: 52, zc_ro_tx: 1 } },
        bpfStorageBytes: 8,
        cgroupId: 4242n,
        options: ["recverr", "freebind", "bind_address_no_port"],
        unknown: [99],
      });
    });
  }

  it("reads vegas and dctcp", () => {
    const vegas = read({ state: 1, local: ["127.0.0.1", 1], attributes: [attribute("little", 3, (writer) => writer.u32(1, 2, 3, 4))] });
    assert.deepEqual(vegas.attributes.congestionInfo, { algorithm: "vegas", fields: { enabled: 1, rttcnt: 2, rtt: 3, minrtt: 4 } });
    const dctcp = read({ state: 1, local: ["127.0.0.1", 1], attributes: [attribute("little", 9, (writer) => writer.u16(1, 2).u32(3, 4, 5))] });
    assert.deepEqual(dctcp.attributes.congestionInfo, { algorithm: "dctcp", fields: { enabled: 1, ce_state: 2, alpha: 3, ab_ecn: 4, ab_tot: 5 } });
  });

  it("keeps the others when one is damaged, and says so", () => {
    const short = [attribute("little", 15, (writer) => writer.u16(1)), attribute("little", 8, (writer) => writer.u8(1))];
    const { attributes } = read({ state: 1, local: ["127.0.0.1", 1], attributes: short });
    assert.equal(attributes.shutdown, 1);
    assert.match(attributes.damage ?? "", /^attribute 15: 4 bytes wanted, 2 left/);
  });
});

describe("tcp_info", () => {
  it("knows the struct up to 280 bytes", () => assert.equal(knownTcpInfoSize, 280));

  it("is read as far as the received bytes go, at every size kernels had", () => {
    for (const [size, last, next] of [
      [104, "total_retrans", "pacing_rate"], [120, "max_pacing_rate", "bytes_acked"], [168, "delivery_rate", "busy_time"], [192, "sndbuf_limited", "delivered"], [224, "reord_seen", "rcv_ooopack"],
      [232, "snd_wnd", "rcv_wnd"], [248, "total_rto_time", "received_ce"], [280, "accecn_word", ""],
    ] as const) {
      const info = readTcpInfo(new Uint8Array(size), "little", "test");
      assert.ok(`tcpi_${last}` in info, `${size}: ${last}`);
      assert.ok(!(`tcpi_${next}` in info), `${size}: ${next}`);
      assert.ok(!("unknown_tail_bytes" in info));
    }
  });

  it("counts what a newer kernel appended", () => {
    assert.equal(readTcpInfo(new Uint8Array(300), "little", "test")["unknown_tail_bytes"], 20);
    assert.equal(readTcpInfo(Uint8Array.from([...new Uint8Array(280), 1, 2, 255]), "little", "test")["unknown_tail"], "0102ff");
  });

  it("reads numbers and bit fields in the target's byte order", () => {
    for (const endianness of endiannesses) {
      const flags = endianness === "little" ? [0x7a, 0b101] : [0xa7, 0b1100_0000];
      const writer = new ByteWriter(endianness).u8(1, 2, 3, 4, 5, 6, ...flags).u32(204000).bytes(new Uint8Array(92)).u64(2n ** 63n);
      const info = readTcpInfo(writer.done(), endianness, "test");
      assert.deepEqual(
        [info["tcpi_state"], info["tcpi_options"], info["tcpi_snd_wscale"], info["tcpi_rcv_wscale"], info["tcpi_delivery_rate_app_limited"], info["tcpi_fastopen_client_fail"], info["tcpi_rto"], info["tcpi_pacing_rate"]],
        [1, 6, 10, 7, 1, 2, 204000, "9223372036854775808"],
      );
    }
  });

  it("never fails, whatever the length", () => {
    fc.assert(fc.property(anyEndianness, fc.uint8Array({ maxLength: 400 }), (endianness, bytes) => void readTcpInfo(bytes, endianness, "test")));
  });
});
