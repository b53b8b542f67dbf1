/**
 * Runs test/integration inside the real extension host, through @vscode/test-electron: in a downloaded VS Code where there is a display and
 * the download works, otherwise in the host of tools/vscode-host. KNETSCOPE_VSCODE chooses: `host`, `download`, or the path of VS Code's
 * executable. A word on the command line selects tests by title.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import esbuild from "esbuild";
import { installHost } from "./vscode-host/install.mjs";
import { removeFolder } from "./removeFolder.mjs";
import { testSettings, writeUserSettings } from "./vscode-host/quietSettings.mjs";

const root = resolve(import.meta.dirname, "..");
const out = join(root, "out/integration");

/** Bundles each test file and the entry that runs them; what the extension host brings (vscode) and mocha stay outside. */
async function bundleTests() {
  const folder = join(root, "test/integration");
  const tests = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts"));
  rmSync(out, { recursive: true, force: true });
  await esbuild.build({
    entryPoints: ["runInHost.ts", ...tests].map((name) => join(folder, name)),
    outbase: folder,
    outdir: out,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode", "mocha", "cpu-features", "*.node"],
    sourcemap: "inline",
    logLevel: "warning",
  });
}

/** @returns {Promise<string>} path of the executable to run the tests with */
async function executable() {
  const choice = process.env.KNETSCOPE_VSCODE;
  const display = process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (choice && choice !== "host" && choice !== "download") return choice;
  if (choice === "download" || (!choice && display)) {
    try {
      return await downloadAndUnzipVSCode();
    } catch (error) {
      if (choice || process.platform !== "linux") throw error;
      console.log(`VS Code cannot be downloaded (${String(error)}); using the host from npm.`);
    }
  }
  await installHost();
  return join(import.meta.dirname, "vscode-host/launcher.mjs");
}

/** @param {string} folder holds the profile and the workspace */
async function runInProfile(folder) {
  const userDataDir = join(folder, "user");
  const workspace = join(folder, "workspace");
  mkdirSync(workspace);
  writeUserSettings(userDataDir, testSettings);
  const artifacts = join(root, "artifacts/integration");
  mkdirSync(artifacts, { recursive: true });
  return runTests({
    vscodeExecutablePath: await executable(),
    extensionDevelopmentPath: root,
    extensionTestsPath: join(out, "runInHost.cjs"),
    extensionTestsEnv: {
      KNETSCOPE_ARTIFACTS: artifacts,
      KNETSCOPE_REPORTER: join(import.meta.dirname, "countingReporter.cjs"),
      KNETSCOPE_GREP: process.argv[2],
      KNETSCOPE_COUNTS: process.env.KNETSCOPE_COUNTS,
    },
    launchArgs: [workspace, "--disable-extensions", `--user-data-dir=${userDataDir}`],
  });
}

await import("./build.mjs");
await bundleTests();
const profile = mkdtempSync(join(tmpdir(), "kni-"));
try {
  process.exitCode = await runInProfile(profile);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  removeFolder(profile);
}
