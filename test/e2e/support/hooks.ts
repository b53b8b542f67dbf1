import type { RootHookObject } from "mocha";
import { openWorkbenches } from "./openWorkbench";

/** Keeps a picture of each open window when a test fails, and closes what a failed test left open. */
export const mochaHooks: RootHookObject = {
  async afterEach(this: Mocha.Context) {
    const test = this.currentTest;
    if (test?.state !== "failed") return;
    for (const [index, workbench] of openWorkbenches().entries()) {
      await workbench.screenshot(`failure-${test.fullTitle().replaceAll(/\W+/g, "-")}-${index}`);
    }
  },
  async afterAll() {
    for (const workbench of openWorkbenches()) await workbench.close();
  },
};
