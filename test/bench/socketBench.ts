/**
 * Inside a network and process namespace of its own, `tsx socketBench.ts COUNT`: fills it with sockets and compares us with ss, on this
 * machine and over a real sshd on its loopback. Started by `showSockets`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { takeListeners } from "../../src/collectors/listeners";
import { planRequests } from "../../src/collectors/socketPlan";
import { takeSockets, type SocketsOptions } from "../../src/collectors/sockets";
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
const rounds = count > 200_000 ? 2 : 5;
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

async function showMemory(target: Target): Promise<void> {
  const facts = await readHostFacts(target);
  for (const details of [false, true]) {
    const { sockets } = await takeSockets(target, facts, { protocols: ["tcp"], owners: false, details });
    console.log(`  kept${details ? " with tcp_info" : ""}: ${(sockets.columns.byteLength / sockets.length).toFixed(0)} bytes a socket${details ? "" : " (goal 250)"}`);
  }
}

/** What runs on the target, by itself. */
async function pumps(): Promise<void> {
  const plan = { protocols: ["tcp"] as const, filter: { states: allStates, notes: [] }, extensions: 0 };
  const request = { requests: planRequests(plan, "little"), files: [], procFiles: [], owners: false, allNamespaces: true, ssArguments: [] };
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const helper = helperBinaries[machine];
  const input = Buffer.concat([Buffer.from("knetscope-begin 30\n"), passBytes(request, "little")]);
  const once = ({ argv }: ResidentPump) => () => Promise.resolve(measured(argv, input));
  const all = {
    perl: once(pumpPerl({ machine })),
    python3: once(pumpPython()),
    ...(helper && { "static helper": ({ command } = pumpHelper(request, "little", helper)) => Promise.resolve(measured(command.argv, command.stdin)) }),
    "ss -D": run("ss", "-D", "-", "-ta"),
  };
  console.log(`\npumps on the target, everything to /dev/null (load ${loadavg()[0]?.toFixed(1)})`);
  (await bestOf(rounds, Object.values(all))).forEach((cost, index) => line(Object.keys(all)[index] ?? "", cost));
}

/** The pump that stays, between looks and after them. */
async function restingPump(): Promise<void> {
  const target = localTarget();
  const facts = await readHostFacts(target);
  for (let look = 0; look < 3; look++) await takeSockets(target, facts, { protocols: ["tcp"], owners: false });
  for (const pid of await childrenOf(process.pid)) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (!status.startsWith("Name:\tperl")) continue;
    const own = /^RssAnon:\s+(\d+)/m.exec(status)?.[1];
    console.log(`  perl after three looks: ${/^VmRSS:\s+(\d+)/m.exec(status)?.[1]} kB resident, ${own} kB of them its own; the next two seconds take ${await ticksWithin(pid, 2_000)} ms CPU`);
  }
  await target.dispose();
}

async function ticksWithin(pid: number, milliseconds: number): Promise<number> {
  const ticks = async (): Promise<number> => (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ").slice(11, 13).reduce((sum, text) => sum + Number(text), 0) ?? NaN;
  const before = await ticks();
  await sleep(milliseconds);
  return ((await ticks()) - before) * 10;
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
    await showMemory(target);
    await target.dispose();
    await pumps();
    await restingPump();
    await overSsh();
  } finally {
    end();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
