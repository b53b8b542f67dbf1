import fc from "fast-check";

/**
 * Property tests draw new inputs at each run, so that they find something in time. Continuous integration uses one seed:
 * a change should fail there for what it changed. `KNETSCOPE_PROPERTY_RUNS` tries more inputs than the usual 100.
 */
const { CI, KNETSCOPE_PROPERTY_RUNS: runs } = process.env;
fc.configureGlobal({ ...(CI === undefined ? {} : { seed: 20_261_122 }), ...(runs === undefined ? {} : { numRuns: Number(runs) }) });
