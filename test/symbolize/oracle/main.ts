import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder } from "../../../src/base/cacheFolder";
import { DomainError, describeError } from "../../../src/base/errors";
import { runOracle } from "./runOracle";

/** `npm run oracle -- --seed N`: see README.md. */
function labDebugFolder(): string {
  const folder = join(cacheFolder(), "lab/debug-6.1/usr/lib/debug");
  if (!existsSync(folder)) throw new DomainError("oracle/no-debuginfo", "no debuginfo here; npm run lab -- up brings it, or name a folder with --debug", folder);
  return folder;
}

function vmlinuxOf(debug: string): { vmlinux: string; release: string } {
  const name = readdirSync(join(debug, "boot")).find((entry) => entry.startsWith("vmlinux-"));
  if (name === undefined) throw new DomainError("oracle/no-debuginfo", "no vmlinux-RELEASE", join(debug, "boot"));
  return { vmlinux: join(debug, "boot", name), release: name.slice("vmlinux-".length) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "1000" }, debug: { type: "string" } } });
  const [seed, count, debug] = [Number(values.seed), Number(values.count), values.debug ?? labDebugFolder()];
  const { vmlinux, release } = vmlinuxOf(debug);
  const { questions, counts, remarks } = await runOracle({ vmlinux, modules: join(debug, "lib/modules", release), seed, count });
  for (const { comparison, text } of remarks) console.log(`${comparison}: ${text}`);
  console.log(`seed ${seed}, ${release}: ${questions} questions; ${[...counts].map(([name, number]) => `${name}: ${number}`).join(", ")}`);
  process.exitCode = (counts.get("differs") ?? 0) > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(describeError(error));
  process.exitCode = 1;
});
