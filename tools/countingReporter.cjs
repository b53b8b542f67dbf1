/**
 * Mocha's spec report (`KNETSCOPE_REPORT=dot`: one mark a test), and as JSON in the file KNETSCOPE_COUNTS the counts and what failed: `npm test`
 * adds them up, and repeats the failures at its end. What a test left open does not hold the run up for ever: it is named, and the process ends.
 */
const { writeFileSync } = require("node:fs");
const Mocha = require("mocha");

const Base = process.env.KNETSCOPE_REPORT === "dot" ? Mocha.reporters.Dot : Mocha.reporters.Spec;

/** How long the process may live on after its last test. */
const lingerMs = 30_000;

function endSoon() {
  const end = () => {
    console.error(`\nStill open ${lingerMs / 1000} s after the last test: ${process.getActiveResourcesInfo().join(", ")}.`);
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
    runner.on("fail", (test, error) => failed.push(`${test.fullTitle()}\n${String(error?.stack ?? error)}`));
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const file = process.env.KNETSCOPE_COUNTS;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, pending, failures: failed }));
      endSoon();
    });
  }
};
