import fc from "fast-check";

/**
 * Property tests draw new inputs at each run, so that they find something in time. Continuous integration uses one seed:
 * a change should fail there for what it changed. A failure prints its seed either way.
 */
if (process.env["CI"] !== undefined) fc.configureGlobal({ seed: 20_261_122 });
