/**
 * Mocha's spec report (`KNETSCOPE_REPORT=dot`: one mark a test), and the counts as JSON in the file KNETSCOPE_COUNTS, which `npm test`
 * adds up.
 */
const { writeFileSync } = require("node:fs");
const Mocha = require("mocha");

const Base = process.env.KNETSCOPE_REPORT === "dot" ? Mocha.reporters.Dot : Mocha.reporters.Spec;

module.exports = class CountingReporter extends Base {
  /** @param {import("mocha").Runner} runner @param {import("mocha").MochaOptions} options */
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      const file = process.env.KNETSCOPE_COUNTS;
      if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, pending }));
    });
  }
};
