import assert from "node:assert/strict";
import fc from "fast-check";
import { commMark, readyMark, recordMark, recordProgram, type Field, type RecordProbe } from "../../src/bpftrace/recordProgram";
import { callProbe } from "../../src/bpftrace/callProgram";
import { dropProbes } from "../../src/bpftrace/dropProgram";
import { KernelFields } from "../../src/bpftrace/kernelFields";
import { RecordParts } from "../../src/bpftrace/recordParts";
import { RecordReader } from "../../src/bpftrace/recordReader";
import { resetFunctions, resetProbes } from "../../src/bpftrace/resetProgram";

const probe = (more: Partial<RecordProbe> = {}): RecordProbe => ({ attach: "kprobe:f", setup: [], conditions: [], shapes: [{ name: "f", fields: [["a", "%d", "arg0"], ["b", "%llx", "arg1"]] }], key: [["arg0", 8], ["arg1", 16]], ...more });
const other: RecordProbe = probe({ attach: "kprobe:g", shapes: [{ name: "g4", condition: "arg0 == 4", fields: [] }, { name: "g6", fields: [["x", "%s", "comm"]] }], conditions: ["pid == 1", "arg2 == 3 || arg3 == 4"], key: [] });

describe("recordProgram", () => {
  const program = recordProgram([probe(), other]);

  it("has a block for each probe, one that tells it is ready, and one that prints what was counted", () => {
    assert.deepEqual(program.match(/^\S+ \{/gm), ["kprobe:f {", "kprobe:g {", "interval:ms:200 {", "interval:s:1 {"]);
  });
  it("makes one number of a probe's place and its key", () => {
    assert.match(program, /\$key = 0 \| \(\(uint64\)\(arg0\) << 8\) \| \(\(uint64\)\(arg1\) << 16\);/);
    assert.match(program, /\$key = 1;/);
  });
  it("casts no part of a key twice, which 0.27 warns of", () => assert.match(recordProgram([probe({ key: [["(uint64)$flags & 18", 8]] })]), /\$key = 0 \| \(\(\(uint64\)\$flags & 18\) << 8\);/));
  it("asks all conditions before it counts", () => assert.match(program, /if \(\(pid == 1\) && \(arg2 == 3 \|\| arg3 == 4\)\) \{\s+\$key = 1;[^}]*\}\s+@all\[1\] = count\(\);/));
  it("prints the shape that fits", () => assert.match(program, /if \(arg0 == 4\) \{ printf\("knetscope record g4\|%llu\|%d\\n%s\\ncomm %s\\n", \$key, pid, kstack\(perf\), comm\); \} else \{\s+printf\("knetscope record g6/));
  it("parts budgets by stack only where that is asked for", () => {
    assert.doesNotMatch(program, /@seen_at/);
    const text = recordProgram([probe({ stackInKey: true })]);
    assert.match(text, /@seen_at\[\$key, \$stack\]/);
    assert.equal(text.match(/kstack\(perf, \d+\)/g)?.length, 1, "one walk for budget and count");
  });
  it("uses nothing that some version since 0.9.4 does not read", () => assert.doesNotMatch(program, /BEGIN|END|config|fentry|kfunc|args\.|\blet\b|kstack\(raw|struct/));
  it("prints a record in parts where a printf takes little, which join to the same", () => {
    const limits = { bytes: 63, values: 6 };
    const long = probe({ shapes: [{ name: "ipv4:tcp_v4_syn_recv_sock", fields: Array.from({ length: 30 }, (_, index) => [`v${index}`, "%llx", `arg${index % 6}`] as const) }] });
    const texts = [...recordProgram([long], limits).matchAll(/printf\("([^"]*)"(.*)\);/g)];
    assert.match(recordProgram([long], limits), /\$id = \(nsecs << 8\) \| cpu;/);
    for (const [, format = "", values = ""] of texts) assert.ok(format.length <= limits.bytes && (values.match(/, /g)?.length ?? 0) <= limits.values + 1, `${format}${values}`);
    const parts = new RecordParts();
    const joined = texts.flatMap(([, format = ""]) => (format.startsWith(readyMark) ? [] : (parts.join(format.replace("%llx", "ff").replaceAll("\\n", "\n")) ?? [])));
    const [, whole = ""] = /printf\("([^"]*)"/.exec(recordProgram([long])) ?? [];
    assert.deepEqual(joined, [whole.replaceAll("\\n", "\n")]);
  });
  it("needs a probe", () => assert.throws(() => recordProgram([]), RangeError));
});

describe("RecordReader", () => {
  const reader = new RecordReader([probe(), other]);
  const stack = "\n\tffffffff81000001 f+1\n\tffffffff81000100 caller+16\n";

  it("reads a record", () => {
    const record = reader.record(`${recordMark} f|${(7 << 8) + 1}|-3|ffff|42\n${stack}\n${commMark}a\nb|c\n`);
    assert.deepEqual([record?.shape, record?.probe, record?.number("a"), record?.address("b"), record?.pid, record?.comm, record?.stack.length], ["f", 1, -3, 0xffffn, 42, "a\nb|c", 2]);
  });
  it("keeps every value as it was printed, and reads what is a number", () => {
    const printed = fc.oneof(fc.maxSafeInteger().map(String), fc.constantFrom("", "0", "-0", "00", "007", "-", "9".repeat(15), "9".repeat(16), "9".repeat(400), "ff", "1f", "1 ", "::1"), fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map((text) => text.replaceAll("|", "")));
    fc.assert(fc.property(printed, printed, fc.nat(), (a, b, pid) => {
      const record = reader.record(`${recordMark} f|1|${a}|${b}|${pid}\n${stack}\n${commMark}x\n`);
      const number = Number.isSafeInteger(Number(a)) ? Number(a) : 0;
      assert.deepEqual([record?.text("a"), record?.text("b"), record?.number("a"), record?.address("b"), record?.pid], [a, b, number, /^[0-9a-f]{1,16}$/.test(b) ? BigInt(`0x${b}`) : 0n, pid]);
    }));
  });
  it("refuses what is cut short or of another shape", () => {
    for (const text of ["", `${recordMark} f|1|2|3\n${commMark}x\n`, `${recordMark} h|1|2\n${commMark}x\n`, `${recordMark} f|1|2|3|4\n${stack}`]) assert.equal(reader.record(text), undefined);
  });
  for (const [name, key] of [["0.17", `1793,${stack}`], ["0.24, without spaces", `1793,${stack.replaceAll(" ", "")}`], ["signed", `-18446744073709549823,${stack}`]] as const) {
    it(`reads an entry of the map of what was counted: ${name}`, () => {
      const counted = reader.counted(key);
      assert.deepEqual([counted?.key, counted?.stack.map(({ symbol }) => symbol)], ["1793", ["f", "caller"]]);
    });
  }
  it("never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 20 }), (tail, key) => {
      reader.record(`${recordMark} f|${tail}`);
      reader.counted(key + tail);
    }));
  });
});

/** Before 0.21 what printf is given lies on the 512 bytes of stack that a BPF program has, beside its variables and keys. */
describe("records of our programs", () => {
  const kernel = new KernelFields(() => 0);
  const options = { filter: {}, endianness: "little", kernel } as const;
  const types = ["struct request_sock_ops *", "struct tcp_request_sock_ops *", "struct sock *", "struct sk_buff *", "int", "int"];
  const own: readonly RecordProbe[] = [
    ...resetProbes(resetFunctions.map((name) => ({ function: name, reasonArgument: 2 })), options),
    ...dropProbes({ ...options, source: { tracepoint: true, hasReason: true }, queueProbes: [{ function: "tcp_conn_request", socketArgument: 2, packetArgument: 3, takesSyns: true }] }),
    ...dropProbes({ ...options, source: { function: "kfree_skb_reason", packetArgument: 0, reasonArgument: 1, notDropped: [1] }, queueProbes: [] }),
    callProbe({ ...options, function: "f", parameters: types.map((type, index) => ({ name: `a${index}`, type })) }),
  ];
  const size = ([, format, expression]: Field): number => (format !== "%s" ? 8 : expression.startsWith("ntop") ? 24 : 16);
  // The probe's id, key and process, stack and its name.
  const common = 8 + 8 + 8 + 16 + 16;
  for (const { attach, shapes, setup, details = [] } of own) {
    for (const { name, fields } of shapes) {
      it(`${attach}, ${name}: leave room on the stack`, () => {
        const taken = common + fields.reduce((sum, field) => sum + size(field), 0) + (setup.length + details.length + 3) * 8;
        assert.ok(taken <= 440, `${taken} bytes`);
      });
    }
  }
});
