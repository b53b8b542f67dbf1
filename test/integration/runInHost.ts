import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

const timeout = 60_000;

/** What VS Code calls inside its extension host: runs every bundled test beside this file. Rejects when a test fails or none ran. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const { KNETSCOPE_GREP: grep, KNETSCOPE_REPORTER: reporter } = process.env;
  const mocha = new Mocha({ timeout, reporter: reporter ?? "spec", forbidOnly: true, forbidPending: true, ...(grep ? { grep } : {}) });
  for (const name of readdirSync(__dirname, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".test.cjs")) mocha.addFile(join(__dirname, name));
  }
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      if (failures > 0) reject(new Error(`${failures} tests failed.`));
      else if (runner.stats?.passes) resolve();
      else reject(new Error("No test ran."));
    });
  });
}
