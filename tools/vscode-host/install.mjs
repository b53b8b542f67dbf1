#!/usr/bin/env node
/**
 * Installs the VS Code host for machines that cannot download VS Code itself: the server and web workbench inside npm's code-server,
 * and a Node.js of its own from npm. Both go to the cache folder, first under a temporary name, so a broken installation is never used.
 *
 * Left out, as nothing here needs it: agents and dev containers (over 200 MB), Windows modules, proxy authentication, most extensions
 * that talk to online services, the JavaScript debugger. Only two modules are compiled: spdlog (without it output channels stay empty)
 * and the watchdog; terminals, file watching and search come with ready-made binaries.
 */
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withFolderLock } from "../folderLock.mjs";
import { hostFolder, hostStamp, hostVersions } from "./hostPaths.mjs";

const run = promisify(execFile);
const platform = `${process.platform}-${process.arch}`;

const unusedModules = [
  "@devcontainers/cli", "@github/copilot-sdk", "@microsoft/mxc-sdk", "@vscode/copilot-api", "@vscode/fs-copyfile", "@vscode/sandbox-runtime",
  "@vscode/sqlite3", "@vscode/vscode-languagedetection", "@vscode/windows-process-tree", "@vscode/windows-registry", "kerberos", "node-addon-api",
  "ssh2", "tar",
];
const unusedExtensions = [
  "copilot", "github", "github-authentication", "mermaid-markdown-features", "microsoft-authentication", "ms-vscode.js-debug",
  "ms-vscode.js-debug-companion", "ms-vscode.vscode-js-profile-table", "node_modules", "tunnel-forwarding",
];
const compiledModules = ["@vscode/native-watchdog", "@vscode/spdlog"];

const npmEnvironment = {
  ...process.env,
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_loglevel: "error",
  npm_config_update_notifier: "false",
};

/** @param {string[]} args @param {string} cwd @param {NodeJS.ProcessEnv} [env] */
async function npm(args, cwd, env) {
  const { stdout } = await run("npm", args, { cwd, env: { ...npmEnvironment, ...env }, maxBuffer: 64 << 20 });
  return stdout.trim();
}

/** Fetches a package's tarball. @param {string} specifier @param {string} folder @returns {Promise<string>} its path */
async function fetchPackage(specifier, folder) {
  const printed = await npm(["pack", "--silent", "--prefer-offline", specifier], folder);
  return join(folder, printed.split("\n").at(-1) ?? "");
}

/** @param {string} folder @returns {Promise<string>} the unpacked `vscode` folder */
async function unpackWorkbench(folder) {
  const tarball = await fetchPackage(`code-server@${hostVersions.codeServer}`, folder);
  const excluded = unusedExtensions.map((name) => `--exclude=package/lib/vscode/extensions/${name}`);
  await run("tar", ["-xzf", tarball, "-C", folder, "--strip-components=2", "--exclude=*.map", ...excluded, "package/lib/vscode"]);
  rmSync(tarball);
  return join(folder, "vscode");
}

/** @param {string} folder */
async function unpackNode(folder) {
  const tarball = await fetchPackage(`node-${platform}@${hostVersions.node}`, folder);
  await run("tar", ["-xzf", tarball, "-C", folder, "--strip-components=2", "package/bin/node"]);
  chmodSync(join(folder, "node"), 0o755);
  rmSync(tarball);
}

/** @param {string} vscode */
async function installModules(vscode) {
  const file = join(vscode, "package.json");
  const description = JSON.parse(readFileSync(file, "utf8"));
  for (const name of unusedModules) delete description.dependencies[name];
  for (const name of Object.keys(description.overrides ?? {})) {
    if (unusedModules.some((unused) => name.startsWith(`${unused}@`))) delete description.overrides[name];
  }
  writeFileSync(file, JSON.stringify(description, null, 2));
  await npm(["install", "--omit=dev", "--ignore-scripts", "--prefer-offline"], vscode);
}

/** Node's headers beside this very Node.js, when it was installed with them; otherwise node-gyp fetches them. @returns {NodeJS.ProcessEnv} */
function headerSettings() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, "include/node/node_api.h")) ? { npm_config_nodedir: prefix } : {};
}

/** @param {string} vscode @param {(message: string) => void} say */
async function compileModules(vscode, say) {
  try {
    // Unoptimised: these two do next to nothing, and the compiler's time counts (13 s instead of 36).
    await npm(["rebuild", "--ignore-scripts=false", ...compiledModules], vscode, { ...headerSettings(), CXXFLAGS: "-O0 -g0", JOBS: "max" });
  } catch (error) {
    say(`could not compile ${compiledModules.join(", ")} (needs python3, make, g++): output channels will stay empty.\n${String(error)}`);
  }
}

/** Removes what was only needed to compile, and the binaries of other platforms. @param {string} vscode */
function trim(vscode) {
  const modules = join(vscode, "node_modules");
  for (const parent of ["@vscode/ripgrep-universal/bin", "node-pty/prebuilds"]) {
    const folder = join(modules, parent);
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) if (name !== platform) rmSync(join(folder, name), { recursive: true });
  }
  const leftovers = [...compiledModules.map((name) => `${name}/build/Release/obj.target`), "@vscode/spdlog/deps", "@vscode/spdlog/src", "node-pty/third_party"];
  for (const leftover of leftovers) rmSync(join(modules, leftover), { recursive: true, force: true });
}

/** @param {string} target @param {(message: string) => void} say */
async function installInto(target, say) {
  const folder = `${target}.tmp-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    say(`fetching code-server ${hostVersions.codeServer} and Node.js ${hostVersions.node}`);
    const [vscode] = await Promise.all([unpackWorkbench(folder), unpackNode(folder)]);
    say("installing the server's modules");
    await installModules(vscode);
    say(`compiling ${compiledModules.join(", ")}`);
    await compileModules(vscode, say);
    trim(vscode);
    const { stdout } = await run(join(folder, "node"), [join(vscode, "out/server-main.js"), "--version"]);
    say(`works: VS Code ${stdout.trim().split("\n")[0]}`);
    writeFileSync(join(folder, ".complete"), hostStamp());
    rmSync(target, { recursive: true, force: true });
    renameSync(folder, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isComplete() {
  const stamp = join(hostFolder(), ".complete");
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hostStamp();
}

/** Installs the host when it is missing or was made from other versions. @param {(message: string) => void} [log] */
export async function installHost(log = console.log) {
  const started = Date.now();
  /** @param {string} message */
  const say = (message) => log(`[vscode-host ${((Date.now() - started) / 1000).toFixed(1)} s] ${message}`);
  if (isComplete()) return;
  if (process.platform !== "linux") throw new Error("The VS Code host from npm is for Linux; elsewhere the tests run in a downloaded VS Code.");
  const work = async () => {
    if (!isComplete()) await installInto(hostFolder(), say);
  };
  await withFolderLock(hostFolder(), work, () => say("another process is installing it; waiting"));
  say(`ready in ${hostFolder()}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installHost();
