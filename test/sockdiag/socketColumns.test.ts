import assert from "node:assert/strict";
import fc from "fast-check";
import { inetSocketAt, readInetDiagMessage } from "../../src/sockdiag/inetDiagMessage";
import { SocketColumns } from "../../src/sockdiag/socketColumns";
import { messageBuffer } from "../support/decodeSocket";
import { attribute, inetDiagPayload, type InetDiagFields } from "../support/netlinkWriter";

const u32 = fc.nat(0xffff_ffff);
const order = fc.constantFrom("little" as const, "big" as const);
const address = fc.constantFrom("0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "::1", "2001:db8::ff00:1", "::ffff:192.0.2.1");
const port = fc.nat(0xffff);
const socket = address.chain((local) =>
  fc.record({
    state: fc.integer({ min: 1, max: 11 }), local: fc.tuple(fc.constant(local), port), remote: fc.tuple(address.filter((text) => text.includes(":") === local.includes(":")), port),
    interfaceIndex: u32, cookie: fc.tuple(u32, u32), recvQ: u32, sendQ: u32, uid: u32, inode: fc.integer({ min: 1, max: 0xffff_ffff }), mark: u32, notes: fc.uint8Array({ maxLength: 90 }),
  }),
);

function write(columns: SocketColumns, fields: InetDiagFields, keep = true): void {
  const bytes = inetDiagPayload(columns.endianness, fields);
  readInetDiagMessage(columns, 0, messageBuffer(bytes), 0, bytes.length);
  if (keep) columns.keep();
}

describe("columns of sockets", () => {
  it("give back what was written, in any order of bytes and however many there are", () => {
    fc.assert(
      fc.property(order, fc.array(socket, { maxLength: 200 }), fc.boolean(), (endianness, sockets, trimmed) => {
        const columns = new SocketColumns(endianness);
        const tails = sockets.map(({ mark, notes }) => [attribute(endianness, 15, (writer) => writer.u32(mark)), attribute(endianness, 99, (writer) => writer.bytes(notes))]);
        sockets.forEach((fields, at) => {
          write(columns, { ...fields, state: 1, local: ["9.9.9.9", 9] }, false);
          write(columns, { ...fields, attributes: tails[at] ?? [] });
        });
        if (trimmed) columns.trim();
        assert.equal(columns.length, sockets.length);
        sockets.forEach((fields, row) => {
          const read = inetSocketAt(columns, row);
          const owned = fields.state !== 3 && fields.state !== 6;
          const cookie = ((BigInt(fields.cookie[1]) << 32n) | BigInt(fields.cookie[0])).toString(16);
          assert.deepEqual(
            [read.state, read.local, read.remote, read.interfaceIndex, read.cookie, read.recvQ, read.sendQ, read.uid, read.inode, read.attributes.mark, read.attributes.unknown],
            [fields.state, { address: fields.local[0], port: fields.local[1] }, { address: fields.remote[0], port: fields.remote[1] }, fields.interfaceIndex, cookie, fields.recvQ, fields.sendQ, owned ? fields.uid : undefined, owned ? fields.inode : undefined, fields.mark, [99]],
          );
        });
      }),
      { numRuns: 50 },
    );
  });

  it("keep equal attributes once, and cost little", () => {
    const columns = new SocketColumns("little");
    const attributes = [attribute("little", 8, (writer) => writer.u8(0)), attribute("little", 21, (writer) => writer.u64(1n))];
    for (let row = 0; row < 100_000; row++) write(columns, { state: 1, local: ["10.0.0.1", row & 0xffff], inode: row + 1, attributes });
    columns.trim();
    assert.ok(columns.byteLength / columns.length <= 120, `${columns.byteLength / columns.length} bytes a socket`);
    assert.deepEqual(inetSocketAt(columns, 77_777).attributes, { shutdown: 0, cgroupId: 1n });
  });

  it("keep attributes of any size apart", () => {
    const columns = new SocketColumns("little");
    const sizes = [0, 1, 60_000, 3, 60_000, 60_000, 5];
    for (let row = 0; row < 70; row++) write(columns, { state: 1, local: ["10.0.0.1", 1], attributes: [attribute("little", 99, (writer) => writer.bytes(Buffer.alloc(sizes[row % sizes.length] ?? 0, row)))] });
    for (let row = 0; row < 70; row++) assert.ok(columns.tail(row).subarray(4, 4 + (sizes[row % sizes.length] ?? 0)).every((byte) => byte === row), `row ${row}`);
  });
});
