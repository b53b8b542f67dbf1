import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import esbuild from "esbuild";
import { cacheFolder } from "../../src/base/cacheFolder";
import { parseFrame } from "../../src/stacks/parseFrame";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { randomOf } from "../symbolize/oracle/random";
import { median, medianUsage, type ChildUsage } from "./childUsage";
import type { OneFrame } from "./oneFrame";

/** What is looked up: as our command line is asked, and as the others are. */
interface Task {
  readonly title: string;
  readonly frames: readonly string[];
  readonly addresses: readonly string[];
  readonly rounds: number;
  readonly goals: readonly Goal[];
}

interface Goal {
  readonly peer: string;
  readonly what: keyof ChildUsage;
  /** Our figure divided by the peer's. */
  readonly most: number;
}

/** A real stack: a SYN to a closed port, from the reset up to the system call. */
const stack = "tcp_v4_send_reset+1 tcp_v4_rcv+2459 ip_protocol_deliver_rcu+50 ip_local_deliver_finish+114 __netif_receive_skb_one_core+137 process_backlog+129 __napi_poll+43 net_rx_action+672 handle_softirqs+215 do_softirq+95 __local_bh_enable_ip+100 __dev_queue_xmit+901 ip_finish_output2+364 ip_output+118 __ip_queue_xmit+395 __tcp_transmit_skb+2753 tcp_connect+2853 tcp_v4_connect+1067 __inet_stream_connect+214 inet_stream_connect+54 __sys_connect+164 __x64_sys_connect+20 do_syscall_64+93 entry_SYSCALL_64_after_hwframe+110".split(" ");

const oneFrame = "xfrm_input+0x103a";

/** CPU and memory of lookups in the lab's vmlinux beside the field's tools, with the goals and whether they are met. */
export async function showSymbolizer(cli: string, vmlinux: string, sourceTarball: string | undefined): Promise<void> {
  console.log("\nSymbolizer: CPU of our command line without an empty Node's start, beside the whole CPU of the others; peak memory; medians");
  const addressOf = linkAddresses(vmlinux);
  const one = [oneFrame];
  const random = randomAddresses(vmlinux, 10_000);
  const tasks: Task[] = [
    { title: "one cold frame", frames: one, addresses: one.map(addressOf), rounds: 7, goals: [{ peer: "llvm-symbolizer", what: "cpu", most: 0.25 }, { peer: "llvm-symbolizer", what: "memory", most: 0.5 }] },
    { title: "a stack of 24 frames, cold", frames: stack, addresses: stack.map(addressOf), rounds: 5, goals: [{ peer: "llvm-symbolizer", what: "cpu", most: 0.35 }, { peer: "llvm-symbolizer", what: "memory", most: 0.5 }] },
    { title: "10,000 random addresses", frames: random, addresses: random, rounds: 1, goals: [{ peer: "llvm-symbolizer", what: "cpu", most: 0.6 }, { peer: "addr2line", what: "cpu", most: 1 / 8 }, { peer: "llvm-symbolizer", what: "memory", most: 0.5 }] },
  ];
  for (const task of tasks) showTask(cli, vmlinux, task);
  showPacked(cli, vmlinux, addressOf);
  await showWarm(vmlinux);
  showSecondStart(cli, vmlinux);
  showFaddr2line(cli, vmlinux, sourceTarball);
}

const native = (vmlinux: string): readonly (readonly [name: string, ...argv: string[]])[] => [
  ["eu-addr2line", "eu-addr2line", "-f", "-i", "-e", vmlinux],
  ["llvm-symbolizer", "llvm-symbolizer", "--inlines", `--obj=${vmlinux}`],
  ["addr2line", "addr2line", "-f", "-i", "-e", vmlinux],
];

/** Our command line with a cache of its own: what an earlier process kept of the file must not help a cold start. Its own compiled code is kept from the first round on, as the others' is in their programs. */
function resolving(cli: string, vmlinux: string, frames: readonly string[], cache: string): readonly string[] {
  return ["env", `KNETSCOPE_CACHE=${cache}`, process.execPath, cli, "resolve", "--vmlinux", vmlinux, ...frames];
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-bench-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const empty: readonly string[] = ["env", process.execPath, "-e", "0"];

function showTask(cli: string, vmlinux: string, { title, frames, addresses, rounds, goals }: Task): void {
  const input = `${addresses.join("\n")}\n`;
  // eu-addr2line begins anew for each address: minutes for ten thousand.
  const peers = native(vmlinux).filter(([name]) => name !== "eu-addr2line" || addresses.length < 1000);
  const [start, own, ...others] = inFolder((cache) => medianUsage([[empty], [resolving(cli, vmlinux, frames, cache)], ...peers.map(([, ...argv]) => [argv, input] as const)], rounds));
  const usages = new Map([["knetscope", { cpu: (own?.cpu ?? NaN) - (start?.cpu ?? NaN), memory: own?.memory ?? NaN }], ...peers.map(([name], index) => [name, others[index] ?? { cpu: NaN, memory: NaN }] as const)]);
  console.log(`\n${title}`);
  show(usages);
  for (const goal of goals) verdict(usages, goal);
}

function show(usages: ReadonlyMap<string, ChildUsage>): void {
  for (const [name, { cpu, memory }] of usages) console.log(`  ${name.padEnd(18)}${cpu.toFixed(1).padStart(10)} ms${(memory / 2 ** 20).toFixed(0).padStart(7)} MiB`);
}

function verdict(usages: ReadonlyMap<string, ChildUsage>, { peer, what, most }: Goal): void {
  const ratio = (usages.get("knetscope")?.[what] ?? NaN) / (usages.get(peer)?.[what] ?? NaN);
  console.log(`  ${what === "cpu" ? "CPU" : "memory"} ${ratio.toFixed(3)} × ${peer}; goal ${most.toFixed(3)}: ${ratio <= most ? "met" : "missed"}`);
}

function showPacked(cli: string, vmlinux: string, addressOf: (frame: string) => string): void {
  inFolder((folder) => {
    const packed = join(folder, "vmlinux");
    execFileSync("objcopy", ["--compress-debug-sections=zlib", "--remove-section=.rela.*", vmlinux, packed]);
    // A unit near the start of .debug_info, and one near its end.
    for (const frame of ["start_kernel+0x10", "xfrm_input+0x103a"]) {
      const goals: Goal[] = [{ peer: "eu-addr2line", what: "cpu", most: 0.3 }];
      showTask(cli, packed, { title: `sections compressed with zlib, one cold frame: ${frame}`, frames: [frame], addresses: [addressOf(frame)], rounds: 3, goals });
    }
  });
}

async function showWarm(vmlinux: string): Promise<void> {
  const symbolizer = new Symbolizer({ vmlinux: { file: vmlinux }, modules: () => Promise.resolve(undefined) }, { worker: "in-process" });
  const frames = stack.flatMap((text) => parseFrame(text) ?? []);
  const again: number[] = [];
  for (let round = 0; round < 50; round++) {
    const started = performance.now();
    await symbolizer.resolve(frames);
    again.push(((performance.now() - started) * 1000) / frames.length);
  }
  await symbolizer.dispose();
  const typical = again.sort((a, b) => a - b)[again.length >> 1] ?? NaN;
  console.log(`\nthe same stack again in one process: ${typical.toFixed(1)} µs a frame; goal 50: ${typical <= 50 ? "met" : "missed"}`);
}

/** One frame in a new process that finds the index of an earlier one: the work alone, as that process sees it, and our command line as a whole. */
function showSecondStart(cli: string, vmlinux: string): void {
  inFolder((folder) => {
    const [script, cache] = [join(folder, "start.js"), join(folder, "cache")];
    const common = { bundle: true, minify: true, platform: "node", format: "cjs", target: "node20" } as const;
    esbuild.buildSync({ ...common, entryPoints: [join(__dirname, "oneFrame.ts")], outfile: join(folder, "oneFrame.js") });
    const start = `import { loadPart } from "./loadPart"; import { interruptBudget } from "./interruptBudget"; loadPart("oneFrame", interruptBudget.least);`;
    esbuild.buildSync({ ...common, stdin: { contents: start, resolveDir: join(__dirname, "../../src/cli"), loader: "ts" }, outfile: script });
    const once = (mode: "look" | "keep", home: string): OneFrame => JSON.parse(execFileSync(process.execPath, [script, vmlinux, oneFrame, mode], { encoding: "utf8", env: { ...process.env, KNETSCOPE_CACHE: home } })) as OneFrame;
    const first = Array.from({ length: 9 }, () => once("look", join(folder, "none")).cpu);
    const { kept } = once("keep", cache);
    const second = Array.from({ length: 9 }, () => once("look", cache));
    const [empties, own] = medianUsage([[empty], [resolving(cli, vmlinux, [oneFrame], cache)]], 7);
    const [cpu, wall] = [median(second.map((run) => run.cpu)), median(second.map((run) => run.wall))];
    console.log(`\nsecond start, cached index, one frame inside of the process: ${cpu.toFixed(1)} ms CPU, ${wall.toFixed(1)} ms by the clock; goal 10: ${cpu <= 10 ? "met" : "missed"}`);
    console.log(`  without the index ${median(first).toFixed(1)} ms CPU; keeping it took ${kept.toFixed(0)} ms, once; our command line with it ${((own?.cpu ?? NaN) - (empties?.cpu ?? NaN)).toFixed(1)} ms`);
  });
}

/** The kernel's own script, from the source that belongs to the vmlinux. It needs a minute for the stack, so it runs once. */
function showFaddr2line(cli: string, vmlinux: string, sourceTarball: string | undefined): void {
  if (sourceTarball === undefined) return;
  const script = join(cacheFolder(), "bench/faddr2line");
  if (!existsSync(script)) {
    const member = execFileSync("tar", ["--extract", "--to-stdout", "--wildcards", "--file", sourceTarball, "*/scripts/faddr2line"]);
    mkdirSync(dirname(script), { recursive: true });
    writeFileSync(script, member, { mode: 0o755 });
  }
  // It wants a size or it takes the first of a name; entry code is no function to it.
  const frames = stack.slice(0, 23).map((frame) => frame.replace(/\+(\d+)$/, (_, offset) => `+0x${Number(offset).toString(16)}`));
  const [start, own, theirs] = inFolder((cache) => medianUsage([[empty], [resolving(cli, vmlinux, frames, cache)], [[script, vmlinux, ...frames]]], 1));
  const usages = new Map([["knetscope", { cpu: (own?.cpu ?? NaN) - (start?.cpu ?? NaN), memory: own?.memory ?? NaN }], ["faddr2line", theirs ?? { cpu: NaN, memory: NaN }]]);
  console.log(`\n${frames.length} frames, and the kernel's script`);
  show(usages);
  verdict(usages, { peer: "faddr2line", what: "cpu", most: 1 / 200 });
}

/** symbol+offset → address, by binutils' nm. */
function linkAddresses(vmlinux: string): (frame: string) => string {
  const table = new Map([...execFileSync("nm", [vmlinux], { encoding: "utf8", maxBuffer: 2 ** 28 }).matchAll(/^([0-9a-f]+) [tT] (\S+)$/gm)].map(([, address = "", name = ""]) => [name, BigInt(`0x${address}`)]));
  return (frame) => {
    const [name = "", offset = "0"] = frame.split("+");
    return `0x${((table.get(name) ?? 0n) + BigInt(offset)).toString(16)}`;
  };
}

function randomAddresses(vmlinux: string, count: number): string[] {
  const [, start = "0", size = "0"] = /\] \.text\s+\S+\s+([0-9a-f]+)\s+\S+\s+([0-9a-f]+)/.exec(execFileSync("readelf", ["--wide", "--sections", vmlinux], { encoding: "utf8" })) ?? [];
  const random = randomOf(20240607);
  return Array.from({ length: count }, () => `0x${(BigInt(`0x${start}`) + BigInt(Math.floor(random() * parseInt(size, 16)))).toString(16)}`);
}
