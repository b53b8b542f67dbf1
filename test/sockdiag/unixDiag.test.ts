import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { readUnixAttributes, readUnixDiagMessage, unixDumpRequest } from "../../src/sockdiag/unixDiag";
import { SocketColumns } from "../../src/sockdiag/socketColumns";
import { decodeOne, messageBuffer } from "../support/decodeSocket";
import { attribute, ByteWriter } from "../support/netlinkWriter";

const message = (endianness: "little" | "big", ...attributes: Uint8Array[]): Uint8Array =>
  new ByteWriter(endianness).u8(1, 1, 10, 0).u32(4321, 0x2a, 0).bytes(Buffer.concat(attributes)).done();

describe("unix_diag", () => {
  it("asks for all there is, in the target's byte order", () => {
    assert.deepEqual([...unixDumpRequest("big", 1, 0xfff, true).subarray(16)], [1, 0, 0, 0, 0, 0, 0x0f, 0xff, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  for (const endianness of ["little", "big"] as const) {
    it(`reads a listener: its name is attribute 0, one more than the backlog may wait (${endianness})`, () => {
      const bytes = message(
        endianness,
        attribute(endianness, 0, (writer) => writer.bytes(Buffer.from("/run/app.sock\0"))),
        attribute(endianness, 1, (writer) => writer.u32(77, 2049)),
        attribute(endianness, 3, (writer) => writer.u32(11, 12)),
        attribute(endianness, 4, (writer) => writer.u32(4, 3)),
        attribute(endianness, 5, (writer) => writer.u32(0, 212992)),
        attribute(endianness, 6, (writer) => writer.u8(1)),
        attribute(endianness, 7, (writer) => writer.u32(1000)),
        attribute(endianness, 42, (writer) => writer),
      );
      const columns = decodeOne(bytes, endianness, readUnixDiagMessage);
      assert.deepEqual([columns.type[0], columns.state[0], columns.inode[0], columns.cookie(0), columns.recvQ[0], columns.sendQ[0], columns.uid[0]], [1, 10, 4321, "2a", 4, 3, 1000]);
      assert.deepEqual(readUnixAttributes(columns.tail(0), endianness, "test"), {
        name: "/run/app.sock", file: { inode: 77, device: 2049 }, pending: [11, 12], skMemory: { rmem_alloc: 0, rcvbuf: 212992 }, shutdown: 1, unknown: [42],
      });
    });
  }

  it("shows abstract names with @", () => {
    const name = attribute("little", 0, (writer) => writer.bytes(Buffer.from("\0bus\0x")));
    assert.equal(readUnixAttributes(name, "little", "test").name, "@bus@x");
  });

  it("throws a DomainError, and nothing else, on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          readUnixDiagMessage(new SocketColumns("little"), messageBuffer(Uint8Array.of(1, ...bytes)), 0, bytes.length + 1);
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
    );
  });
});
