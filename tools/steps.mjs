/** Steps of `npm test`: programs whose output is seen, whose time is taken and whose tests are counted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { endOwnTargets } from "./labTargets.mjs";

const root = resolve(import.meta.dirname, "..");

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} command
 * @property {boolean} [suite] it runs tests and says how many (countingReporter.cjs); otherwise the step itself counts as one
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [minutes] it is ended, and has failed, when it takes longer
 * @property {number} [againFiles] when tests of at most so many files fail (KNETSCOPE_TESTS names them), these files are run once more: a target whose kernel ends under emulation takes the tests after it with it
 *
 * @typedef {{ passed: number, failed: number }} Tally
 * @typedef {Tally & { failures: string[], again: string[], files: Record<string, Tally> }} Counts `failures`: title and error of each failed test; `again`: of each that passed only when it was tried again
 * @typedef {Counts & { name: string, seconds: number }} Outcome
 */

/** Process groups of the steps that run, or undefined once all are to end. @type {Set<number> | undefined} */
let groups = new Set();

/** Starts a step as a process group of its own, so that all it started can be ended with it. @param {Step} step @param {"inherit" | "pipe"} output @param {NodeJS.ProcessEnv} [extra] */
function start({ command, env }, output, extra = {}) {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: root, detached: true, stdio: ["ignore", output, output], env: { ...process.env, ...env, ...extra } });
  const { pid } = child;
  if (pid !== undefined) {
    groups?.add(pid);
    child.once("close", () => groups?.delete(pid));
  }
  return child;
}

/** Ends all steps; those still to come end at once, as failed. */
export function endSteps() {
  for (const group of groups ?? []) signalGroup(group, "SIGTERM");
  groups = undefined;
}

/** @param {number | undefined} group @param {NodeJS.Signals} signal */
function signalGroup(group, signal) {
  try {
    if (group !== undefined) process.kill(-group, signal);
  } catch {
    // It has ended.
  }
}

/** Ends a step that takes too long, with all it started. @param {Step} step @param {import("node:child_process").ChildProcess} child @returns {() => void} calls it off */
function limitTime({ name, minutes }, { pid }) {
  if (minutes === undefined) return () => undefined;
  let timer = setTimeout(() => {
    console.error(`\n${name}: not done after ${minutes} minutes, ended.`);
    signalGroup(pid, "SIGTERM");
    timer = setTimeout(() => signalGroup(pid, "SIGKILL"), 10_000);
  }, minutes * 60_000);
  return () => clearTimeout(timer);
}

/** @param {string} text */
export function heading(text) {
  console.log(`\n━━━ ${text} ${"━".repeat(Math.max(3, 100 - text.length))}`);
}

/** @type {Counts} */
const noCounts = { passed: 0, failed: 0, failures: [], again: [], files: {} };

/** @param {string} file @returns {Counts} nothing when the suite did not come to its end */
function readCounts(file) {
  try {
    return { ...noCounts, ...JSON.parse(readFileSync(file, "utf8")) };
  } catch {
    return noCounts;
  }
}

/** @param {Step} step @param {number} code exit status @param {Counts} counts @returns {Counts} */
function judge({ name, suite }, code, counts) {
  if (!suite) return code === 0 ? { ...noCounts, passed: 1 } : { ...noCounts, failed: 1, failures: [`${name}: exit status ${code}`] };
  // A suite that failed without a failed test, or ran none, is a failure too.
  if (code === 0 ? counts.passed > 0 : counts.failed > 0) return counts;
  const why = code === 0 ? "no test ran" : `exit status ${code} though no test failed`;
  return { ...counts, failed: counts.failed + 1, failures: [...counts.failures, `${name}: ${why}`] };
}

/** @param {Step} step @returns {Promise<Outcome>} */
export async function runStep(step) {
  heading(step.name);
  const first = await runOnce(step);
  const files = Object.keys(first.files).filter((file) => (first.files[file]?.failed ?? 0) > 0);
  if (files.length === 0 || files.length > (step.againFiles ?? 0)) return first;
  // One of them may be what failed.
  endOwnTargets();
  heading(`${step.name}, once more: ${files.map((file) => relative(root, file)).join(", ")}`);
  return replaced(first, files, await runOnce({ ...step, env: { ...step.env, KNETSCOPE_TESTS: files.join(" ") } }));
}

/** What a second run of some files says stands for the first; what failed then is told as tried again. @param {Outcome} first @param {string[]} files @param {Outcome} second @returns {Outcome} */
function replaced(first, files, second) {
  const kept = (/** @type {keyof Tally} */ key) => first[key] - files.reduce((sum, file) => sum + (first.files[file]?.[key] ?? 0), 0);
  return {
    ...second,
    seconds: first.seconds + second.seconds,
    passed: kept("passed") + second.passed,
    failed: kept("failed") + second.failed,
    again: [...first.again, ...second.again, ...first.failures],
  };
}

/** @param {Step} step @returns {Promise<Outcome>} */
async function runOnce(step) {
  if (!groups) return { name: `${step.name} (interrupted)`, seconds: 0, ...noCounts, failed: 1 };
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "knc-"));
  const countsFile = join(folder, "counts.json");
  const child = start(step, "inherit", { KNETSCOPE_COUNTS: countsFile });
  const callOff = limitTime(step, child);
  const code = await once(child, "exit").then(
    ([status, signal]) => {
      if (signal) console.error(`${step.name}: ended by ${signal}.`);
      return status ?? 1;
    },
    (error) => (console.error(String(error)), 1),
  );
  callOff();
  const outcome = { name: step.name, seconds: (performance.now() - started) / 1000, ...judge(step, code, readCounts(countsFile)) };
  rmSync(folder, { recursive: true });
  console.log(`${step.name}: ${outcome.failed === 0 ? "ok" : "FAILED"}, ${outcome.seconds.toFixed(1)} s`);
  return outcome;
}

/**
 * Starts a step beside the others; its output is kept back until `join`, so that the steps' outputs stay apart.
 * @param {Step} step
 */
export function startStep(step) {
  const started = performance.now();
  let output = "";
  const child = start(step, "pipe");
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = once(child, "close").then(([status]) => status ?? 1, (error) => ((output += String(error)), 1));
  const finished = ended.then((code) => ({ code, seconds: (performance.now() - started) / 1000 }));
  return {
    /** @returns {Promise<Outcome>} */
    async join() {
      heading(`${step.name} (began earlier)`);
      const { code, seconds } = await finished;
      process.stdout.write(output);
      console.log(`${step.name}: ${code === 0 ? "ok" : "FAILED"}, ${seconds.toFixed(1)} s`);
      return { name: step.name, seconds, ...judge(step, code, noCounts) };
    },
  };
}

/** Prints the table of all steps, what failed in them (the log's end is what people see first) and, alone on the last line, `N passed, N failed`. @param {Outcome[]} outcomes @returns {boolean} whether all is well */
export function printSummary(outcomes) {
  heading("Summary");
  const width = Math.max(...outcomes.map(({ name }) => name.length));
  for (const { name, seconds, passed, failed } of outcomes) {
    console.log(`${name.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`);
  }
  for (const { name, again } of outcomes) for (const error of again) console.log(`\n↻ ${name}, failed when first tried: ${error}`);
  for (const { name, failures } of outcomes) for (const failure of failures) console.log(`\n✘ ${name}: ${failure}`);
  const sum = (/** @type {"passed" | "failed"} */ key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") === 0 && sum("passed") > 0;
}
