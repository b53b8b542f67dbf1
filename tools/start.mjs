/**
 * `npm start [-- --host HOST] [--kernel 6.1|6.12] [--port N]`: sets this machine up, packages the extension, starts the lab and a VS Code with
 * the extension and the lab's host ready, and says what to click first. Ctrl-C ends all that was started. HOST: an alias of ~/.ssh/config,
 * user@host[:port] or `local`; then there is no lab. What is installed and built once is kept, so a second start takes seconds.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder } from "./cacheFolder.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { desktopCode, installInDesktop, openDesktop } from "./desktopCode.mjs";
import { endOwnTargets, runningTargets } from "./labTargets.mjs";
import { ensureSystemPackages } from "./systemPackages.mjs";
import { installHost } from "./vscode-host/install.mjs";
import { quietSettings, writeUserSettings } from "./vscode-host/quietSettings.mjs";
import { runCodeCommand, startServer, workbenchUrl } from "./vscode-host/server.mjs";

const root = resolve(import.meta.dirname, "..");
const usualPort = 8391;
const folder = join(cacheFolder(), "start");
const profile = { userDataDir: join(folder, "user"), extensionsDir: join(folder, "extensions"), folder: join(folder, "workspace") };
const started = performance.now();

/** @typedef {{ host: string, settings: Record<string, unknown>, firstSteps: string[] }} Scene what is shown, and how to begin */

/** @param {string} text */
const say = (text) => console.log(`[${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s] ${text}`);

/** @param {...string} args @returns {Promise<boolean>} whether it went well */
async function lab(...args) {
  const child = spawn("npm", ["run", "--silent", "lab", "--", ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  const [status] = await once(child, "exit");
  return status === 0;
}

/** @param {string} host @returns {Scene} */
function ownScene(host) {
  return {
    host,
    settings: { "knetscope.hosts": host === "local" ? [] : [host] },
    firstSteps: [`In Hosts, click the plug beside ${host}.`, "Listeners shows its queues; Findings says what is wrong.", 'F1, "KNetScope: Trace TCP Resets" shows who is being reset, and why.'],
  };
}

/** The lab's hosts beside one's own. @param {string} labConfigFile @returns {string} an OpenSSH client configuration */
function writeSshConfig(labConfigFile) {
  const file = join(folder, "ssh_config");
  const own = join(homedir(), ".ssh/config");
  const quoted = [labConfigFile, ...(existsSync(own) ? [own] : [])].map((name) => `Include "${name}"\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, quoted.join("Host *\n"), { mode: 0o600 });
  return file;
}

/** The lab's host, or this machine when the lab cannot run here. @param {string} kernel @returns {Promise<Scene>} */
async function labScene(kernel) {
  say(`Lab: a Debian ${kernel} kernel in QEMU (the first time: some minutes and 600 MB; kept in ${cacheFolder()})`);
  const running = () => runningTargets().find(({ name, vmlinux }) => name === kernel && vmlinux);
  const works = running() !== undefined || ((await lab("fetch", "--kernel", kernel)) && (await lab("up", "--kernel", kernel)));
  const target = works ? running() : undefined;
  if (!target) {
    say("The lab cannot run here, for the reason above. Starting with this machine as the host instead.");
    return ownScene("local");
  }
  const scenario = `npm run lab -- scenario${kernel === "6.1" ? "" : ` --kernel ${kernel}`}`;
  return {
    host: target.alias,
    settings: {
      "knetscope.hosts": [target.alias],
      "knetscope.ssh.configFile": writeSshConfig(target.sshConfigFile),
      "knetscope.debuginfo.vmlinux": target.vmlinux ?? "",
      "knetscope.debuginfo.modules": target.debugDir ?? "",
      "knetscope.sources": target.sourceTarball ? [target.sourceTarball] : [],
    },
    firstSteps: [
      `In Hosts, click the plug beside ${target.alias}.`,
      `Listeners shows its queues. Make one overflow, in another terminal here:\n       ${scenario} accept-queue-overflow --hold 60`,
      `F1, "KNetScope: Trace TCP Resets"; once it runs:\n       ${scenario} close-unread closed-port linger-zero`,
      "In Traces, open a group and click a frame: the kernel source opens at the line.",
    ],
  };
}

/** @param {Scene} scene */
function writeSettings({ settings }) {
  const file = join(profile.userDataDir, "User/settings.json");
  let own = {};
  try {
    own = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  } catch {
    say(`${file} is not plain JSON and is written anew.`);
  }
  const ours = Object.keys(own).filter((key) => /^knetscope\.(hosts|ssh\.configFile|debuginfo\.|sources)/.test(key));
  const kept = Object.fromEntries(Object.entries(own).filter(([key]) => !ours.includes(key)));
  writeUserSettings(profile.userDataDir, { ...quietSettings, ...kept, ...settings });
  mkdirSync(profile.folder, { recursive: true });
}

/** Packages the extension and installs it, unless that very one is installed. @param {string | undefined} code */
async function installExtension(code) {
  // Imported late: it needs the npm packages.
  const { freshPackage } = await import("./freshPackage.mjs");
  const { vsix, digest } = await freshPackage();
  const marker = join(folder, code ? "installed-desktop" : "installed");
  if (existsSync(marker) && readFileSync(marker, "utf8") === digest) return;
  say(`Installing ${vsix}`);
  if (code) installInDesktop(code, profile, vsix);
  else {
    const { code: status, output } = await runCodeCommand(["--install-extension", vsix, "--force"], profile);
    if (status !== 0) throw new Error(output);
  }
  writeFileSync(marker, digest);
}

/** @param {number} port @returns {Promise<boolean>} */
async function isFree(port) {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** @param {number | undefined} wanted @returns {Promise<{ address: string, ended: Promise<string>, stop: () => Promise<void> }>} */
async function openInBrowser(wanted) {
  // Anyone who can reach the port could open terminals here: the address carries a secret, the same at each start.
  const tokenFile = join(folder, "token");
  if (!existsSync(tokenFile)) writeFileSync(tokenFile, randomBytes(16).toString("hex"), { mode: 0o600 });
  const token = readFileSync(tokenFile, "utf8");
  const port = wanted ?? ((await isFree(usualPort)) ? usualPort : 0);
  const server = await startServer({ ...profile, token, port, logFile: join(folder, "server.log") });
  return { address: workbenchUrl(server, { folder: profile.folder, token }), ended: server.ended, stop: server.stop };
}

/** @param {Scene} scene @param {string} where */
function printReady(scene, where) {
  const steps = ["Click the KNetScope icon in the activity bar at the left edge.", ...scene.firstSteps];
  say("Ready.");
  console.log(`\n  ${where}\n\n${steps.map((step, index) => `  ${index + 1}. ${step}`).join("\n")}\n\n  Ctrl-C here ends everything.\n`);
}

/** @param {{ host?: string, kernel: string, port?: string }} given @returns {Promise<{ ended: Promise<string>, stop: () => Promise<void> }>} */
async function start({ host, kernel, port }) {
  say("npm packages");
  ensureDependencies();
  const code = desktopCode();
  if (!code) {
    say("VS Code for the browser");
    ensureSystemPackages(["host"]);
    await installHost(say);
  }
  const scene = host === undefined ? await labScene(kernel) : ownScene(host);
  writeSettings(scene);
  say("Building and packaging the extension");
  await installExtension(code);
  const window = code ? { address: `VS Code opens (${code})`, ...openDesktop(code, profile) } : await openInBrowser(port ? Number(port) : undefined);
  printReady(scene, window.address);
  return window;
}

async function main() {
  const { values } = parseArgs({ options: { host: { type: "string" }, kernel: { type: "string", default: "6.1" }, port: { type: "string" } } });
  /** @type {Promise<undefined>} */
  const interrupted = new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve(undefined));
  });
  try {
    const window = await Promise.race([interrupted, start(values)]);
    if (window) say(`Ending: ${(await Promise.race([interrupted, window.ended])) ?? "interrupted"}.`);
    await window?.stop();
  } finally {
    endOwnTargets();
  }
}

await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
process.exit();
