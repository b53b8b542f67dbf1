import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { linkDumpRequestOf, readLinkDetails, readLinkFamilyMessage, type LinkFamily } from "../../src/sockdiag/linkFamilies";
import { readMptcpInfo, readSctpInfo } from "../../src/sockdiag/protocolInfo";
import { SocketColumns } from "../../src/sockdiag/socketColumns";
import { decodeOne, messageBuffer } from "../support/decodeSocket";
import { attribute, ByteWriter } from "../support/netlinkWriter";

const families = ["netlink", "packet", "vsock", "xdp"] as const;

function read(family: LinkFamily, endianness: "little" | "big", write: (writer: ByteWriter) => ByteWriter): SocketColumns {
  return decodeOne(write(new ByteWriter(endianness)).done(), endianness, (columns, buffer, start, end) => readLinkFamilyMessage(family, columns, buffer, start, end));
}

describe("requests of other families", () => {
  it("are what their headers say", () => {
    const bytes = (family: LinkFamily): number[] => [...linkDumpRequestOf(family, "little", 1, 0x480).subarray(16)];
    assert.deepEqual(bytes("netlink"), [16, 0xff, 0, 0, 0, 0, 0, 0, 0xf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(bytes("packet"), [17, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(bytes("vsock"), [40, 0, 0, 0, 0x80, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(bytes("xdp").slice(0, 12), [44, 0, 0, 0, 0, 0, 0, 0, 0x1f, 0, 0, 0]);
  });
});

for (const endianness of ["little", "big"] as const) {
  describe(`sockets of other families (${endianness})`, () => {
    const make = (type: number, write: (writer: ByteWriter) => ByteWriter): Uint8Array => attribute(endianness, type, write);

    it("netlink: protocol, port ids, groups, memory", () => {
      const columns = read("netlink", endianness, (w) => w.u8(16, 3, 15, 0).u32(812, 7, 2, 99, 5, 0).bytes(make(0, (m) => m.u32(10, 20, 30, 40))).bytes(make(1, (m) => m.u64(0x1_0000_0011n))).bytes(make(4, (m) => m.u32(4))));
      assert.deepEqual([columns.localAddress[0], columns.localPort[0], columns.remotePort[0], columns.inode[0], columns.recvQ[0], columns.sendQ[0], columns.cookie(0)], [15, 812, 7, 99, 10, 30, "5"]);
      assert.deepEqual(readLinkDetails("netlink", columns.tail(0), endianness), { fields: { dst_group: 2, groups: "1 5 33", flags: 4 }, memory: { rmem_alloc: 10, rcvbuf: 20, wmem_alloc: 30, sndbuf: 40 } });
    });

    it("packet: protocol, interface, rings, owner", () => {
      const columns = read("packet", endianness, (w) => w.u8(17, 3).u16(0x88b5).u32(77, 1, 0).bytes(make(0, (m) => m.u32(2, 2, 0, 0, 0, 1))).bytes(make(2, (m) => m.u32(4096, 8, 2048, 16, 60, 0, 0))).bytes(make(5, (m) => m.u32(1000))).bytes(make(9, (m) => m.u8(1, 2, 3))));
      assert.deepEqual([columns.type[0], columns.localAddress[0], columns.interfaceIndex[0], columns.uid[0], columns.inode[0]], [3, 0x88b5, 2, 1000, 77]);
      const { fields } = readLinkDetails("packet", columns.tail(0), endianness);
      assert.deepEqual([fields["version"], fields["rx_ring_block_nr"], fields["attribute_9_bytes"]], [2, 8, 3]);
    });

    it("vsock: both ends", () => {
      const columns = read("vsock", endianness, (w) => w.u8(40, 1, 10, 3).u32(3, 4242, 0xffffffff, 0xffffffff, 55, 9, 1));
      assert.deepEqual([columns.state[0], columns.localAddress[0], columns.localPort[0], columns.remoteAddress[0], columns.inode[0], columns.cookie(0)], [10, 3, 4242, 0xffffffff, 55, "100000009"]);
      assert.deepEqual(readLinkDetails("vsock", columns.tail(0), endianness), { fields: { shutdown: 3 } });
    });

    it("xdp: interface and queue, rings, statistics", () => {
      const columns = read("xdp", endianness, (w) => w.u8(44, 3).u16(0).u32(66, 1, 0).bytes(make(1, (m) => m.u32(4, 2))).bytes(make(3, (m) => m.u32(2048))).bytes(make(5, (m) => m.u64(4096n).u32(1, 2))).bytes(make(9, (m) => m.u64(7n))));
      assert.equal(columns.interfaceIndex[0], 4);
      assert.deepEqual(readLinkDetails("xdp", columns.tail(0), endianness).fields, { ifindex: 4, queue_id: 2, rx_ring_entries: 2048, umem_size: 4096, umem_id: 1, umem_num_pages: 2, rx_dropped: 7 });
    });
  });
}

describe("sockets of other families", () => {
  it("throw a DomainError, and nothing else, on any bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom(...families), fc.uint8Array({ maxLength: 120 }), fc.boolean(), (family, bytes, right) => {
        const first = { netlink: 16, packet: 17, vsock: 40, xdp: 44 }[family];
        const message = Uint8Array.of(right ? first : 0, ...bytes);
        try {
          const columns = new SocketColumns("little");
          readLinkFamilyMessage(family, columns, messageBuffer(message), 0, message.length);
          readLinkDetails(family, columns.tail(0), "little");
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
    );
  });
});

describe("what MPTCP and SCTP say about a socket", () => {
  it("is read by the received length", () => {
    const old = new ByteWriter("little").u8(1, 0, 0, 2, 0, 0, 0, 0).u32(3, 0xdeadbeef).u64(1n, 2n, 3n).u8(0, 0, 1, 0).u32(9).done();
    assert.deepEqual([readMptcpInfo(old, "little", "test")["mptcpi_token"], readMptcpInfo(old, "little", "test")["mptcpi_csum_enabled"], readMptcpInfo(old, "little", "test")["mptcpi_retransmits"]], [0xdeadbeef, 1, 9]);
    const whole = readMptcpInfo(Uint8Array.from({ length: 98 }, (_, at) => at), "little", "test");
    assert.deepEqual([whole["mptcpi_subflows_total"], whole["mptcpi_last_ack_recv"], whole["unknown_tail"]], [80, 0x5f5e5d5c, "6061"]);
    const sctp = readSctpInfo(Uint8Array.from({ length: 368 }, (_, at) => at & 0xff), "little", "test");
    assert.deepEqual([sctp["sctpi_rwnd"], sctp["sctpi_instrms"], "sctpi_p_cwnd" in sctp, sctp["unknown_tail"]], [0x0b0a0908, 0x1110, true, undefined]);
  });
});
