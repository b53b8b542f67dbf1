import assert from "node:assert/strict";
import fc from "fast-check";
import type { Endianness } from "../../src/base/byteReader";
import { DomainError } from "../../src/base/errors";
import { buildAttribute, readAttributes } from "../../src/netlink/attributes";
import { DumpReader, type DumpOutcome, type PayloadVisitor } from "../../src/netlink/dumpReader";
import { linkDumpRequest, readLink } from "../../src/netlink/linkMessage";
import { buildMessage, NLM_F_DUMP_INTR, NLM_F_MULTI, readMessages } from "../../src/netlink/netlinkMessage";
import { attribute, ByteWriter, diagMessage, doneMessage, errorMessage } from "../support/netlinkWriter";

const endiannesses: readonly Endianness[] = ["little", "big"];
const anyEndianness = fc.constantFrom(...endiannesses);
const u16 = fc.nat(0xffff);

function readDump(buffers: readonly Uint8Array[], endianness: Endianness, where: string, visit: PayloadVisitor): DumpOutcome {
  const reader = new DumpReader(endianness, where, visit);
  for (const buffer of buffers) reader.push(buffer);
  return reader.outcome;
}

/** Everything up to the damage; anything but a DomainError fails the test. */
function tolerate<T>(items: Iterable<T>): T[] {
  const seen: T[] = [];
  try {
    for (const item of items) seen.push(item);
  } catch (error) {
    assert.ok(error instanceof DomainError, String(error));
  }
  return seen;
}

describe("netlink framing", () => {
  it("reads back what it built, in both byte orders", () => {
    const messages = fc.array(fc.record({ type: u16, flags: u16, sequence: fc.nat(), payload: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 5 });
    fc.assert(
      fc.property(anyEndianness, messages, (endianness, list) => {
        const bytes = Buffer.concat(list.map(({ payload, ...header }) => buildMessage(endianness, header, payload)));
        const read = [...readMessages(bytes, endianness, "test")].map(({ type, flags, sequence, payload }) => ({ type, flags, sequence, payload: [...payload] }));
        assert.deepEqual(read, list.map((message) => ({ ...message, payload: [...message.payload] })));
      }),
    );
  });

  it("survives any bytes", () => {
    fc.assert(fc.property(anyEndianness, fc.uint8Array({ maxLength: 200 }), (endianness, bytes) => void tolerate(readMessages(bytes, endianness, "test"))));
  });

  it("names the place of a message that is cut short, after those before it", () => {
    const bytes = Buffer.concat([doneMessage("little"), doneMessage("little").subarray(0, 18)]);
    const reader = readMessages(bytes, "little", "netns init");
    assert.equal(reader.next().done, false);
    assert.throws(() => reader.next(), { code: "netlink/truncated", where: "netns init+0x14" });
  });

  it("refuses a length that would never advance", () => {
    const bytes = new ByteWriter("little").u32(0, 0, 0, 0).done();
    assert.throws(() => [...readMessages(bytes, "little", "x")], { code: "netlink/bad-length" });
  });
});

describe("netlink attributes", () => {
  it("reads back what it built, without the flag bits of the type", () => {
    const list = fc.array(fc.record({ type: fc.nat(0x3fff), payload: fc.uint8Array({ maxLength: 30 }) }), { maxLength: 6 });
    fc.assert(
      fc.property(anyEndianness, list, fc.boolean(), (endianness, attributes, nested) => {
        const bytes = Buffer.concat(attributes.map(({ type, payload }) => buildAttribute(endianness, type | (nested ? 0x8000 : 0), payload)));
        const read = [...readAttributes(bytes, endianness, "test")].map(({ type, payload }) => ({ type, payload: [...payload] }));
        assert.deepEqual(read, attributes.map(({ type, payload }) => ({ type, payload: [...payload] })));
      }),
    );
  });

  it("survives any bytes", () => {
    fc.assert(fc.property(anyEndianness, fc.uint8Array({ maxLength: 100 }), (endianness, bytes) => void tolerate(readAttributes(bytes, endianness, "test"))));
  });
});

describe("the end of a dump", () => {
  const listener = { state: 10, local: ["127.0.0.1", 80] } as const;

  for (const endianness of endiannesses) {
    it(`is complete at NLMSG_DONE (${endianness})`, () => {
      let count = 0;
      const outcome = readDump([diagMessage(endianness, listener), doneMessage(endianness)], endianness, "x", () => count++);
      assert.deepEqual([outcome, count], [{ complete: true, interrupted: false }, 1]);
    });

    it(`carries a negative errno in NLMSG_DONE when the module is missing (${endianness})`, () => {
      const outcome = readDump([doneMessage(endianness, -2)], endianness, "x", () => assert.fail("no message was expected"));
      assert.deepEqual(outcome, { complete: true, interrupted: false, errno: 2, errorIn: "done" });
    });

    it(`is NLMSG_ERROR when the family is unknown (${endianness})`, () => {
      const outcome = readDump([errorMessage(endianness, -22)], endianness, "x", () => assert.fail("no message was expected"));
      assert.deepEqual(outcome, { complete: true, interrupted: false, errno: 22, errorIn: "error" });
    });
  }

  it("is told apart from an answer that just stops", () => {
    assert.deepEqual(readDump([diagMessage("little", listener)], "little", "x", () => undefined), { complete: false, interrupted: false });
  });

  it("says when the tables changed meanwhile", () => {
    const buffers = [diagMessage("little", listener, NLM_F_MULTI | NLM_F_DUMP_INTR), doneMessage("little")];
    assert.equal(readDump(buffers, "little", "x", () => undefined).interrupted, true);
  });

  it("delivers what came before the damage", () => {
    let count = 0;
    const outcome = readDump([diagMessage("little", listener), Buffer.from("garbage")], "little", "x", () => count++);
    assert.equal(count, 1);
    assert.equal(outcome.damage?.code, "netlink/truncated");
  });
});

describe("interfaces", () => {
  it("asks for all links without their statistics", () => {
    const [message] = readMessages(linkDumpRequest("little", 7), "little", "x");
    assert.equal(message?.type, 18);
    assert.deepEqual([...message.payload.subarray(16)], [8, 0, 29, 0, 8, 0, 0, 0]);
  });

  it("reads the index and name of a link", () => {
    for (const endianness of endiannesses) {
      const payload = new ByteWriter(endianness).u8(0, 0).u16(1).u32(3, 0, 0).bytes(attribute(endianness, 3, (writer) => writer.bytes(Buffer.from("eth0\0")))).done();
      const [message] = readMessages(buildMessage(endianness, { type: 16, flags: 2, sequence: 1 }, payload), endianness, "x");
      assert.deepEqual(readLink(message!, endianness, "x"), { index: 3, name: "eth0" });
    }
  });
});
