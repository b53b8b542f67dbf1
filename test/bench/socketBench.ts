/**
 * Inside a network and process namespace of its own, `tsx socketBench.ts COUNT`: fills it with sockets and compares us with ss, on this
 * machine and over a real sshd on its loopback. Started by `showSockets`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { takeListeners } from "../../src/collectors/listeners";
import { runPass } from "../../src/collectors/residentPumps";
import { planRequests } from "../../src/collectors/socketPlan";
import { takeSockets, type SocketsOptions } from "../../src/collectors/sockets";
import { takeOwners } from "../../src/collectors/takeOwners";
import { helperBinaries } from "../../src/probes/helperBinaries";
import type { ResidentPump } from "../../src/probes/pump";
import { pumpPerl } from "../../src/probes/pumpPerl";
import { pumpPython } from "../../src/probes/pumpPython";
import { passBytes } from "../../src/probes/pumpRequest";
import { pumpHelper } from "../../src/probes/pumpShell";
import { allStates } from "../../src/sockdiag/tcpState";
import { readHostFacts } from "../../src/session/socketQueries";
import { connectSsh } from "../../src/ssh/connectSsh";
import { localTarget } from "../../src/target/localTarget";
import type { Target } from "../../src/target/target";
import { childrenOf } from "../support/markedProcesses";
import { SshServer, prompts } from "../support/sshServer";
import { bestOf, measured, type Cost } from "./measured";

const knetscope = [process.execPath, join(resolve(__dirname, "../.."), "dist/cli.js")];
const count = Number(process.argv[2]);
const rounds = count > 200_000 ? 2 : 4;
const million = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** A few rows: of each child's connections the one whose client got this port. `dev` keeps the second from the kernel. */
const kernelFilter = "dport = :20500";
const ownFilter = "dport = :20500 or dev = nosuch";

/** Ways to do one task: ours first, then those of others. */
type Ways = Readonly<Record<string, () => Promise<Cost>>>;

const run = (...argv: readonly string[]) => (): Promise<Cost> => Promise.resolve(measured(argv));

/** CPU is ours, without what the kernel and the pump did for us in another process. */
const inProcess = (work: () => Promise<unknown>) => async (): Promise<Cost> => {
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  await work();
  const used = process.cpuUsage(cpu);
  return { wall: performance.now() - started, cpu: (used.user + used.system) / 1000, memory: process.memoryUsage().rss };
};

/** Ratios are to the last way, the peer's. */
async function contend(task: string, goal: string, ways: Ways): Promise<void> {
  console.log(`\n${task} (goal ${goal}; load ${loadavg()[0]?.toFixed(1)})`);
  const costs = await bestOf(rounds, Object.values(ways));
  const peer = costs.at(-1) ?? { wall: NaN, cpu: NaN, memory: NaN };
  const [started] = await bestOf(rounds, [run(process.execPath, "-e", "0")]);
  costs.forEach((cost, index) => {
    const name = Object.keys(ways)[index] ?? "";
    line(name, cost, peer);
    if (name.startsWith("knetscope")) line("  without an empty Node's start", { ...cost, wall: cost.wall - (started?.wall ?? 0), cpu: cost.cpu - (started?.cpu ?? 0) }, peer);
  });
}

function line(name: string, { wall, cpu, memory }: Cost, peer?: Cost): void {
  const ratio = peer ? `${(wall / peer.wall).toFixed(2).padStart(7)}×${(cpu / peer.cpu).toFixed(2).padStart(7)}× CPU` : "";
  console.log(`  ${name.padEnd(46)}${wall.toFixed(0).padStart(7)} ms${cpu.toFixed(0).padStart(7)} ms CPU${million(memory).padStart(9)}${ratio}`);
}

async function fill(): Promise<() => void> {
  const load = spawn("python3", [join(__dirname, "socketLoad.py"), String(count)], { stdio: ["pipe", "pipe", "inherit"] });
  await once(load.stdout, "data");
  return () => void load.kill("SIGKILL");
}

/** The same sockets in the same three ways: our command from its start, a refresh of somebody connected, the peer. */
async function compareAll(target: Target, command: readonly string[], peer: readonly string[], where: string, goals: readonly [dump: string, filter: string]): Promise<void> {
  const facts = await readHostFacts(target);
  const sockets = (options: SocketsOptions) => inProcess(() => takeSockets(target, facts, { protocols: ["tcp"], owners: false, ...options }));
  const ours = [...command, "--no-processes", "-A", "tcp"];
  await contend(`${count} sockets${where}: dump, decode, filter to a few`, goals[0], {
    "knetscope sockets": run(...ours, ownFilter), "connected: refresh": sockets({ filter: ownFilter }), "connected: everything, kept": sockets({}), "ss -tan": run(...peer, "-tan"),
  });
  await contend(`the same with tcp_info${where}`, goals[0], {
    "knetscope sockets --json": run(...ours, "--json", ownFilter), "connected: refresh": sockets({ filter: ownFilter, details: true }), "ss -tani": run(...peer, "-tani"),
  });
  const filter = where === "" ? kernelFilter : `"${kernelFilter}"`;
  await contend(`filtered by the kernel${where}`, goals[1], { "knetscope sockets": run(...ours, kernelFilter), "connected: refresh": sockets({ filter: kernelFilter }), "ss -tan FILTER": run(...peer, "-tan", filter) });
}

async function compareListeners(target: Target): Promise<void> {
  const facts = await readHostFacts(target);
  const listeners = [...knetscope, "listeners"];
  await contend("listeners", "1.2×", { "knetscope listeners --no-processes": run(...listeners, "--no-processes"), "connected: refresh": inProcess(() => takeListeners(target, facts, { owners: false })), "ss -tln": run("ss", "-tln") });
  await contend("listeners with their processes", "none", { "knetscope listeners": run(...listeners), "connected: refresh": inProcess(() => takeListeners(target, facts)), "ss -tlnp": run("ss", "-tlnp") });
}

/** What a table shows first, and what follows. */
async function showLateOwners(target: Target): Promise<void> {
  const facts = await readHostFacts(target);
  const began = performance.now();
  const { sockets } = await takeSockets(target, facts, { protocols: ["tcp"], owners: false, details: true });
  const rows = performance.now() - began;
  const named = await takeOwners(target, facts, sockets);
  console.log(`  table: rows after ${rows.toFixed(0)} ms, the processes of ${named.sockets.surroundings.owners.size} sockets ${(performance.now() - began - rows).toFixed(0)} ms later`);
}

async function showMemory(target: Target): Promise<void> {
  const facts = await readHostFacts(target);
  for (const details of [false, true]) {
    const { sockets } = await takeSockets(target, facts, { protocols: ["tcp"], owners: false, details });
    console.log(`  kept${details ? " with tcp_info" : ""}: ${(sockets.columns.byteLength / sockets.length).toFixed(0)} bytes a socket${details ? "" : " (goal 250)"}`);
  }
}

/** What runs on the target, by itself: a pump that stays, after its start, and those that are started for each look. */
async function pumps(): Promise<void> {
  const plan = { protocols: ["tcp"] as const, filter: { states: allStates, notes: [] }, extensions: 0 };
  const request = { requests: planRequests(plan, "little"), files: [], procFiles: [], owners: false, allNamespaces: true, ssArguments: [] };
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const helper = helperBinaries[machine];
  const pass = passBytes(request, "little");
  console.log(`\npumps on the target, everything thrown away (load ${loadavg()[0]?.toFixed(1)})`);
  for (const pump of [pumpPerl({ machine }), pumpPython()]) await stayingPump(pump, pass);
  const once = {
    ...(helper && { "static helper": ({ command } = pumpHelper(request, "little", helper)) => Promise.resolve(measured(command.argv, command.stdin)) }),
    "ss -D": run("ss", "-D", "-", "-ta"),
  };
  (await bestOf(rounds, Object.values(once))).forEach((cost, index) => line(Object.keys(once)[index] ?? "", cost));
}

async function stayingPump(pump: ResidentPump, pass: Uint8Array): Promise<void> {
  const target = localTarget();
  const facts = await readHostFacts(target);
  const look = (): Promise<void> => runPass(target, facts, pump, pass, { privilege: "user", timeoutMs: 600_000 }, () => undefined);
  await look();
  const pid = (await childrenOf(process.pid)).find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes(pump.where)) ?? 0;
  const status = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  // proc(5): user and system time in hundredths of a second.
  const cpu = (): number => 10 * (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13).reduce((sum, text) => sum + Number(text), 0) ?? NaN);
  const looked = async (): Promise<Cost> => {
    const [used, started] = [cpu(), performance.now()];
    await look();
    return { wall: performance.now() - started, cpu: cpu() - used, memory: status("VmRSS") };
  };
  for (const cost of await bestOf(rounds, [looked])) line(`${pump.where}, a look`, cost);
  const before = cpu();
  await sleep(2_000);
  console.log(`  ${pump.where} at rest: ${cpu() - before} ms CPU in two seconds, ${million(status("VmRSS"))} resident, ${million(status("RssAnon"))} of them its own`);
  await target.dispose();
}

async function overSsh(): Promise<void> {
  const server = await SshServer.start();
  const target = await connectSsh("server", { prompts: prompts(), configFile: server.configFile() });
  try {
    await compareAll(target, [...knetscope, "sockets", "--host", "server", "--ssh-config", server.configFile()], ["ssh", "-F", server.configFile(), "server", "ss"], " over SSH on loopback", ["1.0×", "1.0×"]);
  } finally {
    await target.dispose();
    await server.stop();
  }
}

async function main(): Promise<void> {
  const end = await fill();
  try {
    const target = localTarget();
    await compareAll(target, [...knetscope, "sockets"], ["ss"], "", ["0.5×", "1.1×"]);
    await compareListeners(target);
    await showLateOwners(target);
    await showMemory(target);
    await target.dispose();
    await pumps();
    await overSsh();
  } finally {
    end();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
