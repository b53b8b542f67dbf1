/** Starts the VS Code server and web workbench that install.mjs has put into the cache folder. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder } from "../removeFolder.mjs";
import { hostPaths } from "./hostPaths.mjs";

/**
 * @typedef {object} ServerOptions
 * @property {string} userDataDir
 * @property {string} extensionsDir
 * @property {boolean} [testDriver] lets the address name an extension under development and its tests; hides notification toasts
 * @property {boolean} [workspaceTrust] ask whether a folder is trusted (default: all are)
 * @property {string} [token] what the address must carry as `tkn`; none when not given
 * @property {number} [port] default: a free one
 * @property {NodeJS.ProcessEnv} [env] added to this process's own
 * @property {string} [logFile]
 *
 * @typedef {object} Server
 * @property {string} authority `127.0.0.1:PORT`
 * @property {string} url
 * @property {Promise<string>} ended how it ended, in words
 * @property {(listener: (text: string) => void) => void} onOutput
 * @property {() => Promise<void>} stop ends it with all its processes
 */

const startLimit = 60_000;

/** Built-in extensions that cost start time and have nothing to do here. */
const skippedExtensions = [
  "GitHub.copilot-chat", "ms-vscode.js-debug", "ms-vscode.js-debug-companion", "ms-vscode.vscode-js-profile-table", "vscode.debug-auto-launch",
  "vscode.debug-server-ready", "vscode.github", "vscode.github-authentication", "vscode.grunt", "vscode.gulp", "vscode.ipynb", "vscode.jake",
  "vscode.mermaid-markdown-features", "vscode.microsoft-authentication", "vscode.npm", "vscode.php-language-features", "vscode.terminal-suggest",
  "vscode.tunnel-forwarding",
];

/** Without what another VS Code leaves in the environment of its terminals. @param {NodeJS.ProcessEnv} [extra] @returns {NodeJS.ProcessEnv} */
function environment(extra) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ELECTRON_|VSCODE_|NODE_OPTIONS$)/.test(name));
  return { ...Object.fromEntries(inherited), VSCODE_SKIP_BUILTIN_EXTENSIONS: skippedExtensions.join(","), ...extra };
}

/** @param {{ userDataDir: string, extensionsDir: string }} options */
function folderArguments({ userDataDir, extensionsDir }) {
  return ["--user-data-dir", userDataDir, "--server-data-dir", join(userDataDir, "server"), "--extensions-dir", extensionsDir];
}

/** @param {ServerOptions} options @returns {string[]} */
function serverArguments(options) {
  return [
    ...["--host", "127.0.0.1", "--port", String(options.port ?? 0), "--accept-server-license-terms", "--telemetry-level", "off"],
    ...(options.token ? ["--connection-token", options.token] : ["--without-connection-token"]),
    ...folderArguments(options),
    ...(options.workspaceTrust ? [] : ["--disable-workspace-trust"]),
    ...(options.testDriver ? ["--enable-smoke-test-driver"] : []),
  ];
}

/** @param {number} group @param {NodeJS.Signals | 0} signal 0: only asks @returns {boolean} whether any process of the group was there */
function signalGroup(group, signal) {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** Ends the server and all it started; afterwards none of them writes into its folders any more. @param {import("node:child_process").ChildProcess} child @param {Promise<string>} ended */
async function endGroup(child, ended) {
  const group = child.pid;
  if (group === undefined) return;
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
    if (!signalGroup(group, signal)) return;
    if (await Promise.race([ended.then(() => true), sleep(3000, false)])) break;
  }
  signalGroup(group, "SIGKILL");
  for (let waited = 0; waited < 3000 && signalGroup(group, 0); waited += 50) await sleep(50);
}

/** @param {(listener: (text: string) => void) => void} onOutput @param {Promise<string>} ended @returns {Promise<number>} */
async function listeningPort(onOutput, ended) {
  let text = "";
  /** @type {Promise<number>} */
  const port = new Promise((resolve) => {
    onOutput((part) => {
      text = (text + part).slice(-20_000);
      const match = /Extension host agent listening on (\d+)/.exec(text);
      if (match) resolve(Number(match[1]));
    });
  });
  const abort = new AbortController();
  const late = sleep(startLimit, `did not listen within ${startLimit / 1000} s`, { signal: abort.signal }).catch(() => "");
  const first = await Promise.race([port, ended, late]);
  abort.abort();
  if (typeof first !== "number") throw new Error(`The VS Code server ${first}:\n${text.slice(-4000)}`);
  return first;
}

/** @param {ServerOptions} options @returns {Promise<Server>} */
export async function startServer(options) {
  const { node, serverMain } = hostPaths();
  mkdirSync(options.userDataDir, { recursive: true });
  // Its sockets stay behind in the runtime folder when it ends; the path is short as socket paths are limited to 107 bytes.
  const runtime = mkdtempSync(join(tmpdir(), "kns-"));
  const child = spawn(node, ["--require", join(import.meta.dirname, "parentWatch.cjs"), serverMain, ...serverArguments(options)], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: environment({ XDG_RUNTIME_DIR: runtime, ...options.env }),
  });
  const log = options.logFile ? createWriteStream(options.logFile) : undefined;
  /** @type {Set<(text: string) => void>} */
  const listeners = new Set(log ? [(text) => log.write(text)] : []);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      for (const listener of listeners) listener(text);
    });
  }
  const ended = once(child, "exit").then(([code, signal]) => `ended (${code ?? signal})`, (error) => `could not be started (${error})`);
  const stop = async () => {
    await endGroup(child, ended);
    // A process that left the group may hold the other ends, and would keep ours waiting.
    for (const stream of child.stdio) stream?.destroy();
    removeFolder(runtime);
    log?.end();
  };
  /** @param {(text: string) => void} listener */
  const onOutput = (listener) => void listeners.add(listener);
  try {
    const port = await listeningPort(onOutput, ended);
    return { authority: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/`, ended, onOutput, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * VS Code's command line: --install-extension FILE, --list-extensions, --uninstall-extension ID, --version.
 * @param {string[]} args
 * @param {{ userDataDir: string, extensionsDir: string }} folders
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runCodeCommand(args, folders) {
  const { node, serverMain } = hostPaths();
  const all = [serverMain, "--accept-server-license-terms", ...folderArguments(folders), ...args];
  return new Promise((resolve) => {
    execFile(node, all, { env: environment() }, (error, stdout, stderr) => resolve({ code: error ? 1 : 0, output: stdout + stderr }));
  });
}

/**
 * @param {Server} server
 * @param {{ folder?: string | undefined, workspace?: string | undefined, token?: string, payload?: string[][] }} options absolute paths; pairs for the workbench's `payload` parameter
 */
export function workbenchUrl(server, { folder, workspace, token, payload }) {
  const query = new URLSearchParams();
  if (token) query.set("tkn", token);
  if (workspace) query.set("workspace", workspace);
  else if (folder) query.set("folder", folder);
  else query.set("ew", "true");
  if (payload) query.set("payload", JSON.stringify(payload));
  return `${server.url}?${query}`;
}
