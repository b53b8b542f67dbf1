/**
 * `npm run bench`: how long our command line takes beside the field's tools, same task, same run, same machine. The other tools and
 * the lab's debuginfo are fetched when they are missing. Figures move with the machine; the ratios are what counts.
 */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { ensureSystemPackages } from "../../tools/systemPackages.mjs";
import { debugFiles } from "../lab/debugFiles";
import { ensureDebug } from "../lab/ensureDebug";
import { fullKernels } from "../lab/labKernel";
import { compare, type Contender } from "./compare";
import { showCauses } from "./showCauses";
import { showSocketTable } from "./socketTable";
import { showLongLog } from "./showLongLog";
import { showPrograms } from "./showPrograms";
import { showRemoteStack } from "./remoteStack";
import { showSockets } from "./showSockets";
import { showSymbolizer } from "./showSymbolizer";
import { showTargetCost } from "./showTargetCost";
import { showTraces } from "./showTraces";

const root = resolve(__dirname, "../..");
const knetscope = [process.execPath, join(root, "dist/cli.js")];

const listeners: Contender[] = [
  { name: "knetscope listeners", argv: [...knetscope, "listeners", "--json"] },
  { name: "ss -lntp", argv: ["ss", "-lntp"] },
];

function show(task: string, contenders: readonly Contender[], rounds: number): void {
  console.log(`\n${task}`);
  for (const { name, milliseconds, ratio } of compare(contenders, rounds)) {
    console.log(`  ${name.padEnd(22)}${milliseconds.toFixed(0).padStart(8)} ms${ratio.toFixed(2).padStart(9)}×`);
  }
}

/** `-- sockets [COUNT]`: only these, as many as are said. `-- programs`: only bpftrace programs and BTF. `-- traces [EVENTS]`: only a flood of events. `-- causes [KERNEL]`,
 * `-- cost`: targets of the lab, minutes. */
function onlySockets(count = "100000"): void {
  execFileSync(process.execPath, [join(root, "tools/build.mjs"), "--production"], { stdio: "inherit" });
  showSockets(Number(count));
}

async function main(): Promise<void> {
  const [only, count] = process.argv.slice(2);
  if (only === "sockets") {
    onlySockets(count);
    return;
  }
  if (only === "traces") {
    showTraces(count === undefined ? undefined : Number(count));
    return;
  }
  if (only === "causes") {
    await showCauses(fullKernels.filter((kernel) => count === undefined || kernel === count));
    return;
  }
  if (only === "cost") {
    await showTargetCost();
    return;
  }
  ensureSystemPackages(["peers"]);
  if (only === "programs") {
    showPrograms(debugFiles("6.12").vmlinux ?? "");
    showPrograms(debugFiles("6.1").vmlinux ?? "");
    return;
  }
  await ensureDebug("6.1", console.error);
  const { vmlinux, sourceTarball } = debugFiles("6.1");
  if (vmlinux === undefined) throw new Error("the lab has no vmlinux of kernel 6.1");
  execFileSync(process.execPath, [join(root, "tools/build.mjs"), "--production"], { stdio: "inherit" });
  await showSymbolizer(join(root, "dist/cli.js"), vmlinux, sourceTarball);
  if (only === "symbolizer") return;
  console.log("\nShortest of several rounds, process start included; ×: our time divided by theirs.");
  await showSocketTable();
  await showLongLog(join(root, "dist/server.js"));
  showPrograms(vmlinux);
  show("TCP listeners of this machine with their processes", listeners, 7);
  showSockets(100_000);
  showTraces();
  await showRemoteStack(vmlinux, vmlinux.replace("/vmlinux-", "/System.map-"));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
