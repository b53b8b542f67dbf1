/** The values that strace's tests put into sock_diag attributes (tests/nlattr_*_diag_msg.c of strace 6), in attributes of our own making and in either byte order: each must come out as strace prints it. */
import assert from "node:assert/strict";
import { readInetAttributes, type InetAttributes } from "../../src/sockdiag/inetDiagAttributes";
import { readLinkDetails, readLinkFamilyMessage, type LinkDetails, type LinkFamily } from "../../src/sockdiag/linkFamilies";
import { readUnixAttributes, readUnixDiagMessage, type UnixAttributes } from "../../src/sockdiag/unixDiag";
import type { SocketColumns } from "../../src/sockdiag/socketColumns";
import { decodeOne } from "../support/decodeSocket";
import { attribute, ByteWriter } from "../support/netlinkWriter";

type Write = (writer: ByteWriter) => ByteWriter;

const key = "OH HAI THAR";

for (const endianness of ["little", "big"] as const) {
  const make = (type: number, write: Write): Uint8Array => attribute(endianness, type, write);
  const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
  const inet = (type: number, write: Write): InetAttributes => readInetAttributes(make(type, write), endianness, "tcp", "test");
  const ulp = (...parts: readonly Uint8Array[]): unknown => inet(19, (w) => w.bytes(joined(...parts))).ulp;

  describe(`attributes of strace's tests (${endianness})`, () => {
    it("INET_DIAG_MEMINFO, SKMEMINFO with one word more than known", () => {
      assert.deepEqual(inet(1, (w) => w.u32(0xfadcacdb, 0xbdabcada, 0xbadbfafb, 0xfdacdadf)).memory, { rmem: 0xfadcacdb, wmem: 0xbdabcada, fmem: 0xbadbfafb, tmem: 0xfdacdadf });
      assert.deepEqual(inet(7, (w) => w.u32(0xaffacbad, 0xffadbcab)).skMemory, { rmem_alloc: 0xaffacbad, rcvbuf: 0xffadbcab });
      const many = inet(7, (w) => w.u32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)).skMemory ?? {};
      assert.deepEqual([many["drops"], many["word9"]], [9, 10]);
    });
    it("VEGASINFO, DCTCPINFO, BBRINFO", () => {
      assert.deepEqual(inet(3, (w) => w.u32(0xfadcacdb, 0xbdabcada, 0xbadbfafb, 0xfdacdadf)).congestionInfo, { algorithm: "vegas", fields: { enabled: 0xfadcacdb, rttcnt: 0xbdabcada, rtt: 0xbadbfafb, minrtt: 0xfdacdadf } });
      assert.deepEqual(inet(9, (w) => w.u16(0xfdac, 0xfadc).u32(0xbdabcada, 0xbadbfafb, 0xfdacdadf)).congestionInfo, { algorithm: "dctcp", fields: { enabled: 0xfdac, ce_state: 0xfadc, alpha: 0xbdabcada, ab_ecn: 0xbadbfafb, ab_tot: 0xfdacdadf } });
      const bbr = inet(16, (w) => w.u32(0xfdacdadf, 0xcacdb, 0xbdabcada, 0xbadbfafb, 0xfdacdadf)).congestionInfo;
      assert.deepEqual(bbr, { algorithm: "bbr", fields: { bw: 0xcacdbfdacdadf, min_rtt: 0xbdabcada, pacing_gain: 0xbadbfafb, cwnd_gain: 0xfdacdadf } });
    });
    it("numbers of one, four and eight bytes", () => {
      assert.deepEqual([inet(5, (w) => w.u8(0xab)).tos, inet(6, (w) => w.u8(0xab)).trafficClass, inet(8, (w) => w.u8(23)).shutdown, inet(10, (w) => w.u8(190)).protocol, inet(11, (w) => w.u8(1)).v6Only], [0xab, 0xab, 23, 190, true]);
      assert.deepEqual([inet(15, (w) => w.u32(0xabdfadca)).mark, inet(17, (w) => w.u32(0xabdfadca)).classId, inet(21, (w) => w.u64(0xdeadbeefbadc0dedn)).cgroupId], [0xabdfadca, 0xabdfadca, 0xdeadbeefbadc0dedn]);
      assert.equal(inet(4, (w) => w.bytes(Buffer.from("012345678\0"))).congestion, "012345678");
    });
    it("SOCKOPT: bits from the end that the byte order says, a byte alone, and unknown bytes behind", () => {
      const options = (little: readonly number[], big = little): readonly string[] | undefined => inet(22, (w) => w.u8(...(endianness === "little" ? little : big))).options;
      assert.deepEqual(options([0, 0]), []);
      assert.deepEqual(options([0x53, 0x05], [0xca, 0xa0]), ["recverr", "is_icsk", "mc_loop", "mc_all", "bind_address_no_port", "defer_connect"]);
      assert.deepEqual(options([0x78, 0xb5], [0x1e, 0xad]), ["hdrincl", "mc_loop", "transparent", "mc_all", "bind_address_no_port", "defer_connect"]);
      assert.equal(options([0xff, 0xff, 0x00, 0xff])?.length, 11);
      assert.equal(options([0xbe])?.length, 6);
    });
    it("MD5SIG: peers of both families, and never the key", () => {
      const entry = (w: ByteWriter, family: number, prefix: number, length: number, address: readonly number[]): ByteWriter =>
        w.u8(family, prefix).u16(length).u8(...address).bytes(Buffer.from(key.padEnd(80, "\0")));
      const v6 = [0xde, 0xad, 0xfa, 0xce, 0xca, 0xfe, 0, 0, 0, 0, 0xfa, 0xce, 0xba, 0xdc, 0x0d, 0xed];
      const found = inet(18, (w) => entry(entry(w, 2, 0x42, 1, [...v6.slice(0, 4), ...Array<number>(12).fill(0)]), 10, 0xbe, 42, v6));
      assert.deepEqual(found, { md5: [{ address: "222.173.250.206", prefixLength: 66 }, { address: "dead:face:cafe::face:badc:ded", prefixLength: 190 }] });
    });
    it("LOCALS and PEERS: both families, and one that is neither", () => {
      const storage = (family: number, write: Write): Uint8Array => Buffer.concat([write(new ByteWriter(endianness).u16(family)).done(), Buffer.alloc(128)]).subarray(0, 128);
      const all = joined(
        storage(2, (w) => w.port(42069).u8(0x12, 0x34, 0x56, 0x78)),
        storage(10, (w) => w.port(23456).u8(0x13, 0x57, 0x9b, 0xdf, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0, 0, 0, 0, 0x9a, 0xbc, 0xde, 0xf0)),
        storage(5, (w) => w.u8(0x69)),
      );
      const wanted = ["18.52.86.120:42069", "[1234:5678::9abc:def0]:23456", "address family 5"];
      assert.deepEqual([inet(12, (w) => w.bytes(all)).locals, inet(13, (w) => w.bytes(all)).peers], [wanted, wanted]);
    });
    it("ULP_INFO: name, TLS, MPTCP, and what is not known", () => {
      assert.deepEqual(ulp(make(1, (w) => w.bytes(Buffer.from("OH HAI\0"))), make(4, (w) => w.u32(0xdeadc0de))), { name: "OH HAI", unknown: [4] });
      const tls = make(2, (w) => w.bytes(joined(make(1, (v) => v.u16(0x304)), make(2, (v) => v.u16(0x36)), make(3, (v) => v.u16(2)), make(4, (v) => v.u16(4)), make(7, (v) => v.u32(0xdeadc0de)), make(8, (v) => v.u32(0xdeadc0de)))));
      assert.deepEqual(ulp(tls), { tls: { version: 0x304, cipher: 0x36, txconf: 2, rxconf: 4, tx_max_payload_len: 0xdeadc0de, "attribute 8": 0xdeadc0de } });
      const mptcp = make(3, (w) => w.bytes(joined(make(1, (v) => v.u32(0xdeadc0de)), make(11, (v) => v), make(4, (v) => v.u64(0x1234567890abcn)), make(8, (v) => v.u32(0xdecaffed)), make(9, (v) => v.u8(7)), make(12, (v) => v.u32(1)))));
      assert.deepEqual(ulp(mptcp), { mptcp: { token_rem: 0xdeadc0de, map_seq: 0x1234567890abc, flags: 0xdecaffed, id_rem: 7, "attribute 12": 1 } });
    });

    it("UNIX: file, queues, pending connections, and what is not known", () => {
      const message = joined(
        new ByteWriter(endianness).u8(1, 1, 1, 0).u32(0, 0, 0).done(), make(1, (w) => w.u32(0xbafabcda, 0xabcddafa)), make(4, (w) => w.u32(0xfabdcdad, 0xbacdadcf)), make(3, (w) => w.u32(0xadbcadbc, 0xfabdcdac)), make(8, (w) => w.u8(1)),
      );
      const columns: SocketColumns = decodeOne(message, endianness, readUnixDiagMessage);
      assert.deepEqual([columns.recvQ[0], columns.sendQ[0]], [0xfabdcdad, 0xbacdadcf]);
      assert.deepEqual(readUnixAttributes(columns.tail(0), endianness, "test"), { file: { inode: 0xbafabcda, device: 0xabcddafa }, pending: [0xadbcadbc, 0xfabdcdac], unknown: [8] } satisfies UnixAttributes);
    });

    const link = (family: LinkFamily, head: Write, ...attributes: readonly Uint8Array[]): LinkDetails => {
      const columns = decodeOne(joined(head(new ByteWriter(endianness)).done(), ...attributes), endianness, (into, buffer, start, end) => readLinkFamilyMessage(family, into, buffer, start, end));
      return readLinkDetails(family, columns.tail(0), endianness);
    };
    it("NETLINK: groups in unsigned longs, ring, flags", () => {
      const groups = 0xdeadbeefbadc0dedn;
      const bits = Array.from({ length: 128 }, (_, bit) => bit + 1).filter((group) => (groups >> BigInt((group - 1) % 64)) & 1n);
      const { fields, damage } = link("netlink", (w) => w.u8(16, 3, 0, 1).u32(0, 0, 0, 0, 0, 0), make(1, (w) => w.u64(groups, groups)), make(2, (w) => w.u32(0xfabfabdc, 0xabcdabda, 0xcbadbafa, 0xdbcafadb)), make(4, (w) => w.u32(3)));
      assert.equal(damage, undefined);
      assert.deepEqual(fields, { dst_group: 0, groups: bits.join(" "), rx_ring_block_size: 0xfabfabdc, rx_ring_block_nr: 0xabcdabda, rx_ring_frame_size: 0xcbadbafa, rx_ring_frame_nr: 0xdbcafadb, flags: 3 });
    });
    it("PACKET: settings, multicast, ring, filter", () => {
      const group = (w: ByteWriter, count: number, type: number, address: string): ByteWriter => w.u32(1, count).u16(type, 4).bytes(Buffer.from(address.padEnd(32, "\0")));
      const { fields, damage } = link(
        "packet", (w) => w.u8(17, 1).u16(3).u32(0, 0, 0),
        make(0, (w) => w.u32(1, 2, 0xcfaacdaf, 0xdabacdaf, 0xeafbaadf, 1)), make(1, (w) => group(group(w, 0xabcdaefc, 0xcdaf, "1234"), 0xdaefeafc, 0xadef, "5678")),
        make(2, (w) => w.u32(0xabcdafed, 0xbcadefae, 0xcabdfeac, 0xdeaeadef, 0xedbafeac, 0xfeadeacd, 0xadebadea)), make(7, (w) => w.u64(0x30n, 0x2a06n)),
      );
      assert.equal(damage, undefined);
      assert.deepEqual(fields, {
        ifindex: 1, version: 2, reserve: 0xcfaacdaf, copy_thresh: 0xdabacdaf, tstamp: 0xeafbaadf, flags: 1, multicast_entries: 2, filter_instructions: 2,
        rx_ring_block_size: 0xabcdafed, rx_ring_block_nr: 0xbcadefae, rx_ring_frame_size: 0xcabdfeac, rx_ring_frame_nr: 0xdeaeadef, rx_ring_retire_tmo: 0xedbafeac, rx_ring_sizeof_priv: 0xfeadeacd, rx_ring_features: 0xadebadea,
      });
    });
  });
}
