/** Builds the static pump for every architecture and writes src/probes/helperBinaries.ts. Needs gcc and aarch64-linux-gnu-gcc. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const here = import.meta.dirname;
/** @type {Record<string, string>} */
const compilers = { x86_64: "gcc", aarch64: "aarch64-linux-gnu-gcc" };

/** @param {string} machine */
function build(machine) {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-helper-"));
  try {
    const output = join(folder, "pump");
    execFileSync(join(here, "build.sh"), [machine, output], { stdio: "inherit" });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} base64 */
const lines = (base64) => (base64.match(/.{1,140}/g) ?? []).map((line) => `    "${line}",`).join("\n");

/** @param {string} machine */
function entry(machine) {
  const version = execFileSync(compilers[machine] ?? "cc", ["--version"], { encoding: "utf8" }).split("\n")[0];
  return `  ${machine}: {\n    compiler: ${JSON.stringify(version)},\n    base64: [\n${lines(build(machine).toString("base64"))}\n    ].join(""),\n  },`;
}

const text = `/** Written by tools/helper/generate.mjs from tools/helper/pump.c; test/lab/helperBinaries.test.ts builds them again and compares. */
export interface HelperBinary {
  /** First line of its compiler's --version. */
  readonly compiler: string;
  readonly base64: string;
}

/** The static pump by machine, as uname -m names it. */
export const helperBinaries: Readonly<Record<string, HelperBinary>> = {
${Object.keys(compilers).map(entry).join("\n")}
};
`.replaceAll(/^( {4}"[^"]*",)$/gm, "  $1");

writeFileSync(resolve(here, "../../src/probes/helperBinaries.ts"), text);
