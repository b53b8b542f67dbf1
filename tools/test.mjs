/**
 * `npm test`: sets this machine up and runs everything, each step's output in view. A check without tests of its own (types, lint, packaging)
 * counts as one. Names on the command line choose steps: `npm test -- unit e2e`.
 */
import { ensureDependencies } from "./dependencies.mjs";
import { endOwnTargets } from "./labTargets.mjs";
import { endSteps, heading, printSummary, runStep, startStep } from "./steps.mjs";
import { ensureSystemPackages } from "./systemPackages.mjs";

/** @param {string} script @param {...string} args */
const npm = (script, ...args) => ["npm", "run", "--silent", script, "--", ...args];
const node = process.execPath;

/** @typedef {"lab" | "window" | "bundles"} Need */

/** In this order. `needs`: what of the machine's preparation they wait for. @type {(import("./steps.mjs").Step & { needs?: Need[] })[]} */
const steps = [
  { name: "types", command: npm("typecheck"), minutes: 5 },
  { name: "lint", command: npm("lint"), minutes: 5 },
  { name: "unit", command: npm("test:unit"), suite: true, minutes: 10, env: { KNETSCOPE_REPORT: "dot" } },
  { name: "integration", command: npm("test:integration"), suite: true, minutes: 5, needs: ["window"] },
  { name: "lab", command: npm("test:lab"), suite: true, minutes: 50, againFiles: 3, needs: ["lab", "bundles"] },
  { name: "e2e", command: npm("test:e2e"), suite: true, minutes: 20, againFiles: 3, needs: ["window", "lab"] },
];

/** Long, and mostly waiting for the network: they run beside types, lint and unit tests. @type {Record<Need, import("./steps.mjs").Step>} */
const preparations = {
  window: { name: "prepare the VS Code host", command: [node, "tools/vscode-host/install.mjs"] },
  bundles: { name: "build the bundles", command: npm("build") },
  lab: { name: "prepare the lab", command: [node, "--import=tsx", "tools/prepareLab.ts"] },
};

/** @param {string[]} names */
function chosenSteps(names) {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) throw new Error(`No step ${unknown.join(", ")}; there are: ${steps.map(({ name }) => name).join(", ")}.`);
  return names.length === 0 ? steps : steps.filter(({ name }) => names.includes(name));
}

/** @param {typeof steps} chosen */
async function runAll(chosen) {
  const outcomes = [];
  const running = new Map([...new Set(chosen.flatMap(({ needs }) => needs ?? []))].map((need) => [need, startStep(preparations[need])]));
  for (const step of chosen) {
    for (const need of step.needs ?? []) {
      const preparation = running.get(need);
      running.delete(need);
      if (preparation) outcomes.push(await preparation.join());
    }
    outcomes.push(await runStep(step));
  }
  return outcomes;
}

/** @returns {Promise<number>} exit status */
async function main() {
  const chosen = chosenSteps(process.argv.slice(2));
  heading("This machine");
  ensureDependencies();
  ensureSystemPackages(["host", "window", "tests", "peers"]);
  const outcomes = await runAll(chosen);
  endOwnTargets();
  return printSummary(outcomes) ? 0 : 1;
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, endSteps);
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log("\n0 passed, 1 failed");
  process.exitCode = 1;
}
