/**
 * Inside a network and process namespace of its own, `tsx socketBench.ts COUNT`: fills it with sockets and compares us with ss, on this
 * machine and over a real sshd on its loopback. Started by `showSockets`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { takeListeners } from "../../src/collectors/listeners";
import { planRequests } from "../../src/collectors/socketPlan";
import { takeSockets } from "../../src/collectors/sockets";
import { helperBinaries } from "../../src/probes/helperBinaries";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { pumpPerl } from "../../src/probes/pumpPerl";
import { pumpPython } from "../../src/probes/pumpPython";
import { pumpHelper } from "../../src/probes/pumpShell";
import { allStates } from "../../src/sockdiag/tcpState";
import { localTarget } from "../../src/target/localTarget";
import { SshServer } from "../support/sshServer";
import { bestOf, measured, type Cost } from "./measured";

const knetscope = [process.execPath, join(resolve(__dirname, "../.."), "dist/cli.js")];
const count = Number(process.argv[2]);
const rounds = count > 200_000 ? 2 : 5;
const million = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** A few rows: of each child's connections the one whose client got this port. `dev` keeps the second from the kernel. */
const kernelFilter = "dport = :20500";
const ownFilter = "dport = :20500 or dev = nosuch";

function show(task: string, goal: string, names: readonly string[], costs: readonly Cost[]): void {
  console.log(`\n${task} (goal ${goal})`);
  const ours = costs[0] ?? { wall: NaN, cpu: NaN, memory: NaN };
  costs.forEach(({ wall, cpu, memory }, index) => {
    const ratio = index === 0 ? "" : `  we take ${(ours.wall / wall).toFixed(2)}× its time, ${(ours.cpu / cpu).toFixed(2)}× its CPU`;
    console.log(`  ${(names[index] ?? "").padEnd(44)}${wall.toFixed(0).padStart(7)} ms${cpu.toFixed(0).padStart(7)} ms CPU${million(memory).padStart(9)}${ratio}`);
  });
}

const contend = (task: string, goal: string, contenders: Readonly<Record<string, readonly string[]>>): void =>
  show(task, goal, Object.keys(contenders), bestOf(rounds, Object.values(contenders).map((argv) => () => measured(argv))));

async function fill(): Promise<() => void> {
  const load = spawn("python3", [join(__dirname, "socketLoad.py"), String(count)], { stdio: ["pipe", "pipe", "inherit"] });
  await once(load.stdout, "data");
  return () => void load.kill("SIGKILL");
}

function onThisMachine(): void {
  const quick = ["--no-processes", "-A", "tcp"];
  contend(`${count} sockets: dump, decode, filter to a few`, "0.5×", { "knetscope sockets": [...knetscope, "sockets", ...quick, ownFilter], "ss -tan": ["ss", "-tan"] });
  contend("the same with tcp_info", "0.5×", { "knetscope sockets --json": [...knetscope, "sockets", "--json", ...quick, ownFilter], "ss -tani": ["ss", "-tani"] });
  contend("filtered by the kernel", "1.1×", { "knetscope sockets": [...knetscope, "sockets", ...quick, kernelFilter], "ss -tan FILTER": ["ss", "-tan", kernelFilter] });
  contend("listeners", "1.2×", { "knetscope listeners": [...knetscope, "listeners"], "ss -tln": ["ss", "-tln"], "ss -tlnp": ["ss", "-tlnp"] });
}

/** As the extension asks: connected already, in its own process. CPU is ours, without the target's. */
async function inSession(): Promise<void> {
  const target = localTarget();
  const facts = await runProbe(target, hostFactsProbe);
  const timed = async (work: () => Promise<unknown>): Promise<Cost> => {
    const [cpu, started] = [process.cpuUsage(), performance.now()];
    await work();
    const used = process.cpuUsage(cpu);
    return { wall: performance.now() - started, cpu: (used.user + used.system) / 1000, memory: process.memoryUsage().rss };
  };
  const tasks = {
    "everything, kept": () => takeSockets(target, facts, { protocols: ["tcp"], owners: false }),
    "filtered here": () => takeSockets(target, facts, { protocols: ["tcp"], owners: false, filter: ownFilter }),
    "with tcp_info, filtered here": () => takeSockets(target, facts, { protocols: ["tcp"], owners: false, filter: ownFilter, details: true }),
    "filtered by the kernel": () => takeSockets(target, facts, { protocols: ["tcp"], owners: false, filter: kernelFilter }),
    "listeners, with processes": () => takeListeners(target, facts),
  };
  console.log("\nin a session (memory: our whole process)");
  for (const [name, work] of Object.entries(tasks)) {
    const all: Cost[] = [];
    for (let round = 0; round < rounds; round++) all.push(await timed(work));
    const least = (field: keyof Cost): number => Math.min(...all.map((cost) => cost[field]));
    console.log(`  ${name.padEnd(44)}${least("wall").toFixed(0).padStart(7)} ms${least("cpu").toFixed(0).padStart(7)} ms CPU${million(least("memory")).padStart(9)}`);
  }
  for (const details of [false, true]) {
    const { sockets } = await takeSockets(target, facts, { protocols: ["tcp"], owners: false, details });
    console.log(`  kept${details ? " with tcp_info" : ""}: ${(sockets.columns.byteLength / sockets.length).toFixed(0)} bytes a socket${details ? "" : " (goal 250)"}`);
  }
  await target.dispose();
}

/** What runs on the target, by itself. */
function pumps(): void {
  const plan = { protocols: ["tcp"] as const, filter: { states: allStates, notes: [] }, extensions: 0 };
  const request = { requests: planRequests(plan, "little"), files: [], procFiles: [], owners: false, allNamespaces: true, ssArguments: [] };
  const machine = { machine: process.arch === "arm64" ? "aarch64" : "x86_64", endianness: "little" } as const;
  const helper = helperBinaries[machine.machine];
  const all = { perl: pumpPerl(request, machine), python3: pumpPython(request, machine), ...(helper && { "static helper": pumpHelper(request, "little", helper) }) };
  show("pumps on the target, everything to /dev/null", "none", Object.keys(all), bestOf(rounds, Object.values(all).map(({ command }) => () => measured(command.argv, command.stdin))));
}

async function overSsh(): Promise<void> {
  const server = await SshServer.start();
  try {
    const host = ["--host", "server", "--ssh-config", server.configFile()];
    const ssh = ["ssh", "-F", server.configFile(), "server"];
    const quick = ["--no-processes", "-A", "tcp", ...host];
    contend("over SSH on loopback", "1.0×", { "knetscope sockets --host": [...knetscope, "sockets", ...quick, ownFilter], "ssh host ss -tan": [...ssh, "ss", "-tan"] });
    contend("over SSH, filtered by the kernel", "1.0×", { "knetscope sockets --host": [...knetscope, "sockets", ...quick, kernelFilter], "ssh host ss -tan FILTER": [...ssh, "ss", "-tan", `"${kernelFilter}"`] });
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const end = await fill();
  try {
    onThisMachine();
    await inSession();
    pumps();
    await overSsh();
  } finally {
    end();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
