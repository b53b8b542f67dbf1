import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseBpftraceMessage } from "../../src/bpftrace/bpftraceMessage";
import { KernelFields } from "../../src/bpftrace/kernelFields";
import type { Endianness } from "../../src/base/byteReader";
import { networkPort, networkWord } from "../../src/bpftrace/networkOrder";
import { recordMark } from "../../src/bpftrace/recordProgram";
import { RecordReader } from "../../src/bpftrace/recordReader";
import { resetFunctions, resetProbes } from "../../src/bpftrace/resetProgram";
import { resetRecord, type ResetRecord } from "../../src/bpftrace/resetRecord";
import type { TraceRecord } from "../../src/bpftrace/traceRecord";

const reader = new RecordReader(resetProbes(resetFunctions.map((name) => ({ function: name })), { filter: {}, endianness: "little", kernel: new KernelFields((_, path) => (path === "_nfct" ? undefined : 0)) }));
function parseResetRecord(text: string, endianness: Endianness): ResetRecord | undefined {
  const record = reader.record(text);
  return record && resetRecord(record, endianness);
}

const lines = readFileSync(join(import.meta.dirname, "../fixtures/bpftrace/resets-6.12.ndjson"), "utf8").split("\n");
const texts = lines.flatMap((line) => {
  const message = parseBpftraceMessage(line);
  return message?.type === "text" && message.text.startsWith(recordMark) ? [message.text] : [];
});
const records = texts.map((text) => parseResetRecord(text, "little"));

describe("resetRecord", () => {
  for (const [hex, known] of [["0", "none"], ["7", "untracked"], ["ffff8a2f0b2a3402", "entry"]] as const) {
    it(`tells what connection tracking knows: ${known}`, () => {
      const tracked = new RecordReader(resetProbes([{ function: "tcp_v4_send_reset" }], { filter: {}, endianness: "little", kernel: new KernelFields(() => 0) }));
      const [head = "", ...rest] = (texts[0] ?? "").split("\n");
      const words = head.split("|");
      const record = tracked.record([[...words.slice(0, -2), hex, ...words.slice(-2)].join("|"), ...rest].join("\n"));
      assert.equal(record && resetRecord(record, "little")?.conntrack, known);
    });
  }

  it("reads what 0.17 wrote on 6.12", () => {
    assert.deepEqual(records.map((record) => record && [record.probe, record.state, record.local.port, record.packet?.destination.port, record.packet?.flags.join(), record.packet?.payload, record.reason, record.comm, record.stack.length]), [
      ["tcp_v4_send_reset", 0, 0, 8101, "SYN", 0, 1, "python3", 24],
      ["tcp_v6_send_reset", 0, 0, 8101, "SYN", 0, 1, "python3", 25],
      ["tcp_send_active_reset", 7, 8101, undefined, undefined, undefined, 11, "python3", 10],
      ["tcp_v4_send_reset", 6, 8101, 8101, "PSH,ACK", 4, 9, "python3", 24],
    ]);
  });

  it("keeps addresses and kinds of frames", () => {
    const [top, caller] = records[0]?.stack ?? [];
    assert.deepEqual([top?.symbol, top?.offset, top?.kind, caller?.symbol, caller?.kind, caller?.address], ["tcp_v4_send_reset", 5, "exact", "tcp_v4_rcv", "return", 0xffffffffa2b199f2n]);
  });

  const withTail = (tail: string): string => `${(texts[0] ?? "").split("\n")[0]}\n${tail}`;
  for (const [name, tail, comm, frames] of [
    ["an empty stack", "\ncomm nginx\n", "nginx", 0],
    ["an empty stack that is a line", "\n\ncomm nginx\n", "nginx", 0],
    ["a process name with a line end and a bar", "\n\tffffffffa2b17335 tcp_v4_send_reset+5\n\ncomm a\nb|c\n", "a\nb|c", 1],
    ["frames of the tracer above the function", "\n\tffffffffc0100000 0xffffffffc0100000\n\tffffffffa2b17335 tcp_v4_send_reset+5\n\tffffffffa2b199f2 tcp_v4_rcv+1618\n\ncomm x\n", "x", 2],
  ] as const) {
    it(`understands ${name}`, () => {
      const record = parseResetRecord(withTail(tail), "little");
      assert.deepEqual([record?.comm, record?.stack.length], [comm, frames]);
      if (frames > 0) assert.equal(record?.stack[0]?.kind, "exact");
    });
  }

  it("refuses what is cut short", () => {
    const [text = ""] = texts;
    for (const cut of [text.slice(0, 40), text.replace("|127.0.0.1", ""), text.slice(0, text.indexOf("comm")), "other"]) assert.equal(parseResetRecord(cut, "little"), undefined);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.constantFrom(...texts), fc.nat(2000), fc.string({ unit: "binary", maxLength: 8 }), (text, at, noise) => void parseResetRecord(text.slice(0, at) + noise + text.slice(at + 2), "big")));
  });

  describe("straight from a line", () => {
    const records = lines.filter((line) => line.includes(recordMark));
    const content = (record: TraceRecord | undefined) => record && [record.shape, record.key, record.probe, record.pid, record.comm, record.stack, resetRecord(record, "little")];
    const withCare = (line: string) => {
      const message = parseBpftraceMessage(line);
      return message?.type === "text" ? content(reader.record(message.text)) : undefined;
    };
    const noise = fc.oneof(fc.string({ unit: "binary", maxLength: 4 }), fc.constantFrom("|", "||", "-1", "-0", "00", "007", "9".repeat(16), "9".repeat(400), "\\n", "\\", "\"", "\\\"", "\\\\n\\\\t", "\\u0001", "\\uffffff", "\t", "::1", "ff", " ", "\"}"));

    it("is what it is when read with care", () => {
      for (const line of records) assert.deepEqual(content(reader.line(line)), withCare(line));
      assert.equal(records.filter((line) => reader.line(line) === undefined).length, 0);
    });
    it("is the same of a damaged line, or left to be read with care", () => {
      const head = fc.nat(260);
      fc.assert(fc.property(fc.constantFrom(...records), fc.oneof(head, head, fc.nat(1500)), fc.nat(3), noise, (line, at, cut, text) => {
        const damaged = line.slice(0, at) + text + line.slice(at + cut);
        const found = reader.line(damaged);
        if (found) assert.deepEqual(content(found), withCare(damaged));
      }), { numRuns: 3000 });
    });
  });

  it("converts network order both ways", () => {
    fc.assert(fc.property(fc.nat(65535), (port) => assert.equal(networkPort(networkPort(port, "little"), "little"), port)));
    assert.deepEqual([networkPort(80, "little"), networkPort(80, "big"), networkWord(0x01020304, "little"), networkWord(0x01020304, "big")], [0x5000, 80, 0x04030201, 0x01020304]);
  });
});
