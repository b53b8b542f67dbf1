/**
 * `npm run fuzz:netlink [-- COUNT [SEED]]`: answers of the kernel, damaged, truncated, interleaved and made up, through everything
 * that reads them: frames of a pump, netlink messages, columns, rows, filters. Whatever the bytes, there may be nothing worse than
 * a DomainError where one is allowed, no row that belongs to nobody may get an owner, and all must come to an end.
 */
import assert from "node:assert/strict";
import { DomainError } from "../../src/base/errors";
import { HostDumpReader } from "../../src/collectors/hostDump";
import { SocketTable } from "../../src/collectors/socketTable";
import type { SocketPlan } from "../../src/collectors/socketPlan";
import { PumpFrameReader } from "../../src/probes/pumpFrames";
import { planFilter } from "../../src/sockdiag/filterPlan";
import { parseFilter } from "../../src/sockdiag/parseFilter";
import { protocols } from "../../src/sockdiag/protocols";
import { netlinkSeeds } from "./netlinkSeeds";
import { randomSource, type RandomSource } from "./randomSource";

const filters = ["", "sport = :80 or dst 10/8", "fwmark = 1 or cgroup id:42 or dev eth0", "not src unix:/run/* and not src netlink:*", "state connected autobound"];

const plans: readonly SocketPlan[] = filters.map((text) => ({ protocols, filter: planFilter(parseFilter(text), text), extensions: 0xff }));

/** Owners for the inodes that the seeds have, so that a wrong attribution shows. */
const owners = `.7 thief\n${Array.from({ length: 32 }, (_, inode) => `3 ${inode}\n`).join("")}`;
const ownersFrame = Buffer.from(`@owners 0 0 ${owners.length}\n${owners}`);

function mutate(random: RandomSource, bytes: Buffer): Buffer {
  const kind = random.below(8);
  if (kind === 0) return bytes.subarray(0, random.below(bytes.length + 1));
  if (kind === 1) return Buffer.concat([bytes.subarray(random.below(bytes.length)), bytes]);
  if (kind === 2) {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(40)), bytes.subarray(at)]);
  }
  const copy = Buffer.from(bytes);
  for (let left = 1 + random.below(kind === 3 ? 40 : 4); left > 0 && copy.length > 3; left--) {
    const at = random.below(copy.length - 3);
    if (kind === 4) copy.writeUInt32LE(random.word(), at);
    else if (kind === 5) copy.writeUInt16LE(random.below(300), at & ~3);
    else copy[at] = kind === 6 ? random.below(2) * 255 : random.below(256);
  }
  return copy;
}

/** A namespace with an answer to each request, some of them damaged before, some after they were framed. */
function makeInput(random: RandomSource, endianness: "little" | "big"): Buffer {
  const parts: Buffer[] = [Buffer.from("@netns 5 1 1\nx")];
  for (let left = 1 + random.below(3); left > 0; left--) {
    const seed = random.pick(netlinkSeeds[endianness]);
    const answer = random.below(6) === 0 ? random.bytes(random.below(200)) : random.below(5) === 0 ? seed.bytes : mutate(random, seed.bytes);
    const request = random.below(4) === 0 ? random.below(30) : seed.request;
    parts.push(Buffer.from(`@reply ${request} 0 ${answer.length}\n`), answer);
  }
  const whole = Buffer.concat([...parts, Buffer.from("@end 0 0 0\n")]);
  return random.below(10) === 0 ? mutate(random, whole) : whole;
}

/** Whether the frames could be read. Throws what must not happen. */
function readInput(input: Buffer, plan: SocketPlan, endianness: "little" | "big", cut: number): boolean {
  const reader = new HostDumpReader(plan, endianness);
  const frames = new PumpFrameReader("fuzz", (frame) => reader.accept(frame));
  let whole = true;
  try {
    for (let at = 0; at < input.length; at += cut) frames.push(input.subarray(at, at + cut));
    frames.end();
  } catch (error) {
    // Only the frames may be refused; what is inside them is read as far as it goes.
    if (!(error instanceof DomainError && error.code.startsWith("pump/"))) throw error;
    whole = false;
  }
  new PumpFrameReader("owners", (frame) => reader.accept(frame)).push(ownersFrame);
  checkRows(reader);
  return whole;
}

function checkRows(reader: HostDumpReader): void {
  const { columns, namespaces, owners: held, cgroups } = reader.finish();
  const table = new SocketTable(columns, { places: new Map(namespaces.map((one) => [one.number, one])), owners: held, cgroups });
  for (const { state, uid, inode, processes, protocol } of table) {
    if (protocol === "tcp" && (state === "SYN-RECV" || state === "TIME-WAIT")) assert.deepEqual([uid, inode, processes], [undefined, undefined, []], state);
    if (inode === undefined) assert.equal(processes.length, 0);
  }
}

function main(): void {
  const [count = 1_000_000, seed = Date.now() % 0x7fff_ffff] = process.argv.slice(2).map(Number);
  const random = randomSource(seed);
  let [whole, longest] = [0, 0];
  const started = performance.now();
  for (let at = 0; at < count; at++) {
    const endianness = random.below(2) === 0 ? "little" : "big";
    const input = makeInput(random, endianness);
    const [plan, cut] = [random.pick(plans), 1 + random.below(input.length + 1)];
    const begun = performance.now();
    try {
      if (readInput(input, plan, endianness, cut)) whole++;
    } catch (error) {
      console.error(`input ${at} of seed ${seed} (${endianness}, ${cut} bytes at a time): ${input.toString("base64")}`);
      throw error;
    }
    longest = Math.max(longest, performance.now() - begun);
  }
  console.log(`${count} inputs, ${whole} with whole frames, seed ${seed}: nothing worse than an error, no wrong owner; ${((performance.now() - started) / 1000).toFixed(0)} s, the slowest ${longest.toFixed(0)} ms.`);
}

main();
