import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KernelFields } from "../../../src/bpftrace/kernelFields";
import { commMark, readyMark, recordMark, type RecordProbe } from "../../../src/bpftrace/recordProgram";
import { resetProbes, type ResetFunction } from "../../../src/bpftrace/resetProgram";
import { resetRecord, type ResetRecord } from "../../../src/bpftrace/resetRecord";
import { BpftraceDecoder } from "../../../src/collectors/traces/bpftraceDecoder";
import type { TraceSink } from "../../../src/collectors/traces/collector";
import type { CallEvent } from "../../../src/collectors/traces/callModel";

const probe: RecordProbe = { attach: "kprobe:f", setup: [], conditions: [], shapes: [{ name: "f", fields: [["peer", "%d", "arg0"]] }], key: [["arg1", 8]] };
const stack = "\n\tffffffff81000001 f+1\n";

class Seen implements TraceSink<CallEvent> {
  readonly events: [string, number, boolean][] = [];
  lostEvents = 0;
  readonly words: string[] = [];
  isReady = false;
  readonly ready = (): void => void (this.isReady = true);
  readonly event = (event: CallEvent, times = 1, mixed = false): void => void this.events.push([event.name, times, mixed]);
  readonly lost = (events: number): void => void (this.lostEvents += events);
  readonly say = (text: string): void => void this.words.push(text);
}

function decode(messages: readonly object[]): Seen {
  const sink = new Seen();
  const decoder = new BpftraceDecoder<CallEvent>([probe], (record) => (
    { type: "call", name: String(record.number("peer")), arguments: [], process: { pid: record.pid, name: record.comm, isOwner: true }, stack: record.stack }
  ), (frame) => frame);
  for (const message of messages) decoder.line(JSON.stringify(message), sink);
  decoder.end(sink);
  return sink;
}

const record = (peer: number, key = 256) => ({ type: "printf", data: `${recordMark} f|${key}|${peer}|1\n${stack}\n${commMark}x\n` });
const rest = (entries: Record<string, number>) => ({ type: "map", data: { "@rest": entries } });
const all = (count: number) => ({ type: "map", data: { "@all": { "0": count } } });

describe("BpftraceDecoder", () => {
  it("is ready with the first tick", () => assert.ok(decode([{ type: "printf", data: `${readyMark}\n` }]).isReady));

  it("hands on what was only counted, by what is new in it, with the newest record of its kind", () => {
    const seen = decode([record(1), record(2), rest({ [`256,${stack}`]: 100 }), rest({ [`256,${stack}`]: 130 }), all(132)]);
    assert.deepEqual(seen.events, [["1", 1, false], ["2", 1, false], ["2", 100, true], ["2", 30, true]]);
    assert.deepEqual([seen.lostEvents, seen.words], [0, []]);
  });

  it("keeps a count until a record of its kind comes, and says so when none does", () => {
    const late = decode([rest({ [`256,${stack}`]: 5 }), record(7), all(6)]);
    assert.deepEqual([late.events, late.lostEvents], [[["7", 1, false], ["7", 5, true]], 0]);
    const never = decode([rest({ [`512,${stack}`]: 5 }), all(5)]);
    assert.deepEqual([never.events, never.lostEvents], [[], 0]);
    assert.match(never.words[0] ?? "", /^5 events are counted but not shown/);
  });

  it("shares out what was only counted by kind, and says so at the end", () => {
    const flood = { type: "map", data: { "@flood": { 256: 1600 } } };
    const seen = decode([record(1), rest({ [`256,${stack}`]: 600 }), flood, all(2201)]);
    assert.deepEqual([seen.events, seen.lostEvents], [[["1", 1, false], ["1", 600, true], ["1", 1600, true]], 0]);
    assert.match(seen.words.join("\n"), /^Of 1600 events of a flood the stack was not walked/);
  });

  it("tells what neither was printed nor counted as lost, once", () => {
    assert.equal(decode([record(1), all(10)]).lostEvents, 9);
    assert.equal(decode([record(1), { type: "lost_events", data: { events: 4 } }, all(10)]).lostEvents, 9);
  });

  it("says what it cannot read", () => assert.deepEqual(decode([{ type: "printf", data: `${recordMark} g|1` }]).words, [`not understood: ${recordMark} g|1`]));

  it("reads what 0.9.4 wrote on 6.1, in parts, and loses nothing when one is lost", () => {
    const lines = readFileSync(join(import.meta.dirname, "../../fixtures/bpftrace/resets-0.9.4.ndjson"), "utf8").split("\n");
    const probes = resetProbes(["tcp_v4_send_reset", "tcp_v6_send_reset", "tcp_send_active_reset"].map((name) => ({ function: name as ResetFunction })), { filter: {}, endianness: "little", kernel: new KernelFields(() => 0) });
    const read = (text: readonly string[]) => {
      const [records, sink]: [ResetRecord[], Seen] = [[], new Seen()];
      const decoder = new BpftraceDecoder<CallEvent>(probes, (record) => (records.push(resetRecord(record, "little")!), undefined), (frame) => frame);
      for (const line of text) decoder.line(line, sink);
      decoder.end(sink);
      return { records, lost: sink.lostEvents, words: sink.words, isReady: sink.isReady };
    };
    const { records, ...all } = read(lines);
    assert.deepEqual(records.map(({ probe, packet, local, comm, stack, state, reason }) => [probe, packet?.destination ?? local, packet?.flags.join(), state, reason, comm, stack[0]?.symbol === probe, stack.length > 8]), [
      ["tcp_v4_send_reset", { address: "127.0.0.1", port: 7100 }, "SYN", 0, undefined, "python3", true, true],
      ["tcp_v6_send_reset", { address: "::1", port: 7104 }, "SYN", 0, undefined, "python3", true, true],
      ["tcp_send_active_reset", { address: "127.0.0.1", port: 7108 }, undefined, 7, undefined, "python3", true, true],
      ["tcp_v4_send_reset", { address: "127.0.0.1", port: 7144 }, "PSH,ACK", 6, undefined, "ksoftirqd/1", true, true],
    ]);
    assert.deepEqual(all, { lost: 0, words: [], isReady: true });
    const damaged = read(lines.filter((line) => !line.includes(" 3/7 |48155")));
    assert.deepEqual([damaged.records.length, damaged.lost, damaged.words], [3, 1, []]);
  });
});
