import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { readStream } from "../../src/collectors/readStream";
import { diagMessage, doneMessage } from "../support/netlinkWriter";

const stream = (endianness: "little" | "big"): Uint8Array =>
  Buffer.concat([
    diagMessage(endianness, { state: 10, local: ["0.0.0.0", 80], recvQ: 3, sendQ: 128, uid: 33, inode: 7 }),
    diagMessage(endianness, { state: 1, local: ["127.0.0.1", 80], remote: ["127.0.0.1", 40000], uid: 33, inode: 8 }),
    doneMessage(endianness),
    diagMessage(endianness, { state: 10, local: ["::", 80], sendQ: 128, uid: 33, inode: 9 }),
    doneMessage(endianness),
  ]);

describe("a stream of ss -D", () => {
  for (const endianness of ["little", "big"] as const) {
    it(`is read in the byte order it has (${endianness})`, () => {
      const { sockets, notes } = readStream(stream(endianness));
      const rows = [...sockets];
      assert.deepEqual(rows.map(({ state, family, local, recvQ, sendQ }) => `${state} ${family} ${local.address}:${local.port} ${recvQ}/${sendQ}`), [
        "LISTEN ipv4 0.0.0.0:80 3/128", "ESTAB ipv4 127.0.0.1:80 0/0", "LISTEN ipv6 :::80 0/128",
      ]);
      assert.deepEqual([rows[0]?.netns, notes], [{ inode: 0, name: "file", isInit: false }, []]);
    });
  }

  it("is filtered, by states too", () => {
    assert.deepEqual([...readStream(stream("little"), { filter: "state listening src 0.0.0.0" }).sockets].map(({ inode }) => inode), [7]);
  });

  it("says that the module was missing, and that the end is", () => {
    assert.match(readStream(doneMessage("little", -2)).notes[0] ?? "", /ENOENT/);
    assert.match(readStream(stream("little").subarray(0, 88)).notes[0] ?? "", /no end/);
    assert.match(readStream(stream("little").subarray(0, 200)).notes[0] ?? "", /Unreadable from stream\+0x/);
    assert.equal(readStream(new Uint8Array()).sockets.length, 0);
  });

  it("is refused when it is something else", () => {
    assert.throws(() => readStream(Buffer.from("State  Recv-Q Send-Q Local Address"), { where: "ss.txt" }), { code: "sockdiag/no-stream", where: "ss.txt" });
  });

  it("never fails otherwise, whatever the bytes", () => {
    const whole = stream("little");
    fc.assert(
      fc.property(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 10 }), (length, changes) => {
        const bytes = Uint8Array.from(whole.subarray(0, length));
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          readStream(bytes);
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
    );
  });
});
