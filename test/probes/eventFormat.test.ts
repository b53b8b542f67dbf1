import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseEventFormat } from "../../src/probes/eventFormat";

const format = (release: string): string => readFileSync(join(import.meta.dirname, `../fixtures/tracefs/kfree_skb-${release}.txt`), "utf8");

describe("parseEventFormat", () => {
  it("reads the fields that are the event's own", () => {
    assert.deepEqual(parseEventFormat(format("6.1")).fields.map(({ name, type, size }) => `${type} ${name} ${size}`), [
      "void * skbaddr 8", "void * location 8", "unsigned short protocol 2", "enum skb_drop_reason reason 4",
    ]);
    assert.ok(parseEventFormat(format("6.12")).fields.some(({ name }) => name === "rx_sk"));
  });
  it("reads the names of reasons, which differ from kernel to kernel", () => {
    const [old, recent] = ["6.1", "6.12"].map((release) => parseEventFormat(format(release)).names);
    assert.deepEqual([old?.get(7), recent?.get(11), old?.get(2), recent?.get(3)], ["NETFILTER_DROP", "NETFILTER_DROP", "NO_SOCKET", "NO_SOCKET"]);
  });
  it("tells arrays and text that lies elsewhere", () => {
    const { fields } = parseEventFormat('\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;\n\tfield:__data_loc char[] name;\toffset:24;\tsize:4;\tsigned:0;\n\tfield:__u8 saddr[28];\toffset:28;\tsize:28;\tsigned:0;\n');
    assert.deepEqual(fields.map(({ name, length, isDynamic }) => [name, length, isDynamic]), [["comm", 16, false], ["name", undefined, true], ["saddr", 28, false]]);
  });
  it("never throws", () => fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => void parseEventFormat(`field:${text};offset:1;\nprint fmt: { ${text}, "${text}" }`))));
});
