/**
 * Mocha's spec report (`KNETSCOPE_REPORT=dot`: one mark a test), and as JSON in the file KNETSCOPE_COUNTS the counts and what failed: `npm test`
 * adds them up, repeats the failures at its end, and runs files with failures once more. A test that passed only when it was tried again (`--retries`) is
 * told with its first error. What a test left open does not hold the run up for ever: it is named, and the process ends.
 */
const { readFileSync, writeFileSync } = require("node:fs");
const Mocha = require("mocha");

const Base = process.env.KNETSCOPE_REPORT === "dot" ? Mocha.reporters.Dot : Mocha.reporters.Spec;

/** How long the process may live on after its last test. */
const lingerMs = 30_000;

/** Command lines of the processes that are ours, on Linux. */
function children() {
  try {
    const ids = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean);
    return ids.map((id) => readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ").slice(0, 200));
  } catch {
    return [];
  }
}

function endSoon() {
  const end = () => {
    console.error(`\nStill open ${lingerMs / 1000} s after the last test: ${[...process.getActiveResourcesInfo(), ...children()].join(", ")}.`);
    process.exit();
  };
  setTimeout(end, lingerMs).unref();
}

module.exports = class CountingReporter extends Base {
  /** @param {import("mocha").Runner} runner @param {import("mocha").MochaOptions} options */
  constructor(runner, options) {
    super(runner, options);
    /** @type {string[]} */
    const failed = [];
    /** First errors of tests that are tried again, by title. @type {Map<string, string>} */
    const firstErrors = new Map();
    /** @type {string[]} */
    const again = [];
    /** By file of tests. @type {Record<string, { passed: number, failed: number }>} */
    const files = {};
    const count = (/** @type {Mocha.Runnable} */ { file = "" }, /** @type {"passed" | "failed"} */ how) => (files[file] ??= { passed: 0, failed: 0 })[how]++;
    runner.on("pass", (test) => count(test, "passed"));
    runner.on("fail", (test) => count(test, "failed"));
    const told = (/** @type {Mocha.Test} */ test, /** @type {Error | undefined} */ error) => `${test.fullTitle()}\n${String(error?.stack ?? error)}`;
    runner.on("retry", (test, error) => firstErrors.set(test.fullTitle(), told(test, error)));
    runner.on("pass", (test) => again.push(...[firstErrors.get(test.fullTitle()) ?? []].flat()));
    runner.on("fail", (test, error) => failed.push([firstErrors.get(test.fullTitle()) ?? [], told(/** @type {Mocha.Test} */ (test), error)].flat().join("\nand when tried again: ")));
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const file = process.env.KNETSCOPE_COUNTS;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, pending, failures: failed, again, files }));
      endSoon();
    });
  }
};
