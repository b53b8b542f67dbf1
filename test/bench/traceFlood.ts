/**
 * `node traceFlood EVENTS`, in the repository: a flood of what bpftrace prints, through the path that a trace takes: a command under the supervisor, its lines,
 * records, events, groups. The records are real
 * ones with other peers. How long the thread was not free for anything else is what a user feels.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { KernelFields } from "../../src/bpftrace/kernelFields";
import { recordMark } from "../../src/bpftrace/recordProgram";
import { resetFunctions, resetProbes } from "../../src/bpftrace/resetProgram";
import { resetRecord } from "../../src/bpftrace/resetRecord";
import { BpftraceDecoder } from "../../src/collectors/traces/bpftraceDecoder";
import { resetEvent } from "../../src/collectors/traces/resetEvent";
import type { ResetEvent } from "../../src/collectors/traces/resetModel";
import { RunningTrace } from "../../src/collectors/traces/runningTrace";
import { TraceGroups } from "../../src/collectors/traces/traceGroups";
import { traceResets } from "../../src/collectors/traces/traceResets";
import { localTarget } from "../../src/target/localTarget";

const fixture = "test/fixtures/bpftrace/resets-6.12.ndjson";
/** Said by the program's own count, and never printed. */
const unprinted = 7;

function writeFlood(file: string, events: number): void {
  const templates = readFileSync(fixture, "utf8").split("\n").filter((line) => line.includes(recordMark));
  const lines = Array.from({ length: events }, (_, index) => (templates[index % templates.length] ?? "").replace(/127\.0\.0\.1/g, `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`));
  const total = JSON.stringify({ type: "map", data: { "@all": { 0: events + unprinted } } });
  writeFileSync(file, [JSON.stringify({ type: "printf", data: "knetscope ready\n" }), ...lines, total, ""].join("\n"));
}

interface Flood {
  readonly seconds: number;
  readonly counted: number;
  readonly lost: number;
  readonly groups: number;
  /** User and system time of this process for one event, microseconds: on a busy machine the figure to go by. */
  readonly cpu: number;
  /** Milliseconds in which nothing else had its turn. */
  readonly longestPause: number;
  /** The same in CPU time of this thread, which others on the machine do not lengthen. */
  readonly longestStretch: number;
  /** Bytes above what there was before. */
  readonly memory: number;
}

/** Milliseconds of CPU time that this thread took so far (Documentation/scheduler/sched-stats.rst). */
function threadTime(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ")[0]) / 1e6;
}

/** Measures, with each turn of the loop, what CPU time went by since the last. */
function watchStretches(): () => number {
  let [last, longest] = [threadTime(), 0];
  const timer = setInterval(() => {
    const now = threadTime();
    [last, longest] = [now, Math.max(longest, now - last)];
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

async function flood(file: string): Promise<Flood> {
  const probes = resetProbes(resetFunctions.map((name) => ({ function: name })), { filter: {}, endianness: "little", kernel: new KernelFields((_, path) => (path === "_nfct" ? undefined : 0)) });
  const decoder = new BpftraceDecoder<ResetEvent>(probes, (record) => {
    const reset = resetRecord(record, "little");
    return reset && resetEvent(reset, new Map());
  }, (frame) => frame);
  const groups = new TraceGroups<ResetEvent>(traceResets.subject, { resolve: (stack) => Promise.resolve(stack.map(({ symbol = "" }) => ({ input: symbol, symbol, status: "ok" as const, lookup: "exact" as const, frames: [] }))) });
  const target = localTarget();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const sampler = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const stretches = watchStretches();
  const [started, used] = [performance.now(), process.cpuUsage()];
  const running = new RunningTrace(await target.start({ argv: ["cat", file] }), { where: "here", decoder, onEvent: (event, times, mixed) => groups.add(event, times, mixed) });
  await running.ended;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(used);
  delay.disable();
  const longestStretch = stretches();
  clearInterval(sampler);
  await groups.settled();
  await target.dispose();
  const list = groups.groups();
  const counted = list.reduce((sum, { count }) => sum + count, 0) + groups.ungrouped();
  return { seconds, cpu: (user + system) / counted, counted, lost: running.lost(), groups: list.length, longestPause: delay.max / 1e6, longestStretch, memory: most - before };
}

/** What the machine alone does to a thread that has nothing to do, in so many seconds. Milliseconds. */
async function idlePause(seconds: number): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await sleep(seconds * 1000);
  delay.disable();
  return delay.max / 1e6;
}

async function main(events: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-flood-"));
  try {
    const file = join(folder, "flood.ndjson");
    writeFlood(file, events);
    console.log(`\nA flood of ${events} resets printed by bpftrace (${(statSync(file).size / 2 ** 20).toFixed(0)} MB), each from another peer, through supervisor, lines, records and groups`);
    for (let round = 1; round <= 3; round++) {
      const { seconds, cpu, counted, lost, groups, longestPause, longestStretch, memory } = await flood(file);
      const idle = await idlePause(Math.min(seconds, 3));
      const whole = counted === events && lost === unprinted ? `all counted, ${lost} unprinted ones said` : `WRONG: ${counted} counted, ${lost} said to be lost`;
      console.log(`  ${Math.round(events / seconds).toLocaleString("en-US").padStart(9)} events/s   ${cpu.toFixed(1)} µs of CPU each   longest pause ${longestPause.toFixed(0)} ms (idle: ${idle.toFixed(0)}), ${longestStretch.toFixed(0)} ms of CPU   +${(memory / 2 ** 20).toFixed(0)} MB   ${groups} groups   ${whole}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main(Number(process.argv[2]));
