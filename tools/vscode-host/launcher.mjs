#!/usr/bin/env node
/**
 * Stands in for VS Code's executable where it cannot be downloaded: takes the command line that @vscode/test-electron gives, and that of
 * `code --install-extension` and the like, and carries it out with the VS Code server and Chromium.
 *
 *   runTests({ vscodeExecutablePath: ".../launcher.mjs", extensionDevelopmentPath, extensionTestsPath, launchArgs })
 *
 * The server runs with its test driver on: only then a built workbench takes the extension under development and the tests' entry from the
 * address, calls `codeAutomationExit` when the tests are done, and `codeAutomationLog` for each line of its log and of the extension host's.
 *
 * Exit status: 0 passed, 1 failed, 2 nothing to do, 124 no result in time. Environment: KNETSCOPE_ARTIFACTS (folder for logs and a picture of a
 * failure), KNETSCOPE_TEST_LIMIT (seconds, default 600), KNETSCOPE_VERBOSE=1 (the workbench's own log too), HEADED=1.
 */
import { EventEmitter, once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { format } from "node:util";
import { removeFolder } from "../removeFolder.mjs";
import { launchBrowser } from "./browser.mjs";
import { parseLauncherArguments } from "./launcherArguments.mjs";
import { runCodeCommand, startServer, workbenchUrl } from "./server.mjs";

const hostLaunchLimit = 120_000;
const given = parseLauncherArguments(process.argv.slice(2));
const temporary = mkdtempSync(join(tmpdir(), "knl-"));
const artifacts = resolve(process.env.KNETSCOPE_ARTIFACTS ?? join(temporary, "artifacts"));
const note = join(temporary, "note.json");
const userDataDir = given.userDataDir ?? join(temporary, "user");
const extensionsDir = (given.noInstalledExtensions ? undefined : given.extensionsDir) ?? join(temporary, "extensions");

/** What has to be closed at the end, last opened first. @type {(() => Promise<unknown>)[]} */
const opened = [];
let ending = false;

/** @param {number} code @param {string} [why] @returns {Promise<void>} */
async function end(code, why) {
  if (ending) return;
  ending = true;
  if (why) console.error(`[launcher] ${why}`);
  for (const close of opened.reverse()) await close().catch(() => undefined);
  if (code !== 0 && process.env.KNETSCOPE_ARTIFACTS) console.error(`[launcher] logs in ${artifacts}`);
  removeFolder(temporary);
  // test-electron lets go of the pipes when this process ends: leave it the time to read the last lines.
  await sleep(150);
  process.exit(code);
}

for (const [signal, code] of /** @type {const} */ ([["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]])) {
  process.on(signal, () => void end(code, `ended by ${signal}`));
}
for (const event of ["uncaughtException", "unhandledRejection"]) process.on(event, (error) => void end(1, error?.stack ?? String(error)));

/** Ends the run when the server, or the extension host in it, ends without a result. @param {import("./server.mjs").Server} server @returns {Promise<string>} how the extension host ended */
function watchHost(server) {
  void server.ended.then((how) => end(1, `the VS Code server ${how}`));
  const noHost = setTimeout(() => void end(1, `no extension host after ${hostLaunchLimit / 1000} s`), hostLaunchLimit).unref();
  return new Promise((resolve) => {
    server.onOutput((text) => {
      if (text.includes("Launched Extension Host Process")) clearTimeout(noHost);
      const match = /Extension Host Process exited with code: (\S+), signal: (\w+)/.exec(text);
      if (!match) return;
      const how = `code ${match[1]}, signal ${match[2]}`;
      resolve(how);
      setTimeout(() => void end(1, `the extension host gave no result and ended with ${how}`), 10_000).unref();
    });
  });
}

async function openPage() {
  const browser = await launchBrowser();
  opened.push(() => browser.close());
  const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
  const log = createWriteStream(join(artifacts, "window.log"));
  page.on("console", (message) => log.write(`[${message.type()}] ${message.text()}\n`));
  page.on("pageerror", (error) => log.write(`[pageerror] ${error.stack}\n`));
  page.on("crash", () => void end(1, "the window crashed"));
  opened.push(async () => {
    if (!existsSync(note)) await page.screenshot({ path: join(artifacts, "failure.png"), timeout: 5000 });
  });
  return page;
}

/** Prints what the tests print: lines that come from the extension host. @param {import("playwright-core").Page} page */
async function forwardOutput(page) {
  const everything = Boolean(process.env.KNETSCOPE_VERBOSE);
  await page.exposeFunction("launcherLog", (/** @type {boolean} */ fromHost, /** @type {string} */ type, /** @type {unknown[]} */ args) => {
    if (!fromHost && !everything) return;
    const stream = type === "error" || type === "warn" ? process.stderr : process.stdout;
    stream.write(`${format(...args)}\n`);
  });
  await page.addInitScript(() => {
    const window = /** @type {any} */ (globalThis);
    window.codeAutomationLog = (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 50;
      // This method's name survives minification because the extension host calls it by name.
      const fromHost = new Error().stack?.includes("$logExtensionHostMessage");
      Error.stackTraceLimit = limit;
      window.launcherLog(fromHost, type, args.map((argument) => (argument instanceof Error ? (argument.stack ?? String(argument)) : argument)));
    };
  });
}

/** @param {import("playwright-core").Page} page @param {(code: number) => void} report gets the exit code that the window reports */
async function listenForExit(page, report) {
  await page.exposeFunction("codeAutomationExit", (/** @type {number} */ code, /** @type {{ relativePath: string, contents: string }[]} */ logs = []) => {
    for (const log of logs) {
      const file = join(artifacts, "logs", log.relativePath.replaceAll("..", "_"));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, log.contents);
    }
    report(code);
  });
}

/** @param {string} testsPath */
async function runTests(testsPath) {
  mkdirSync(artifacts, { recursive: true });
  const server = await startServer({
    ...{ userDataDir, extensionsDir, testDriver: true, workspaceTrust: given.workspaceTrust, logFile: join(artifacts, "server.log") },
    env: { KNETSCOPE_TEST_NOTE: note, KNETSCOPE_TEST_ENTRY: testsPath },
  });
  opened.push(() => server.stop());
  const hostEnded = watchHost(server);
  const page = await openPage();
  await forwardOutput(page);
  const events = new EventEmitter();
  const reported = once(events, "exit");
  await listenForExit(page, (code) => events.emit("exit", code));
  const limit = Number(process.env.KNETSCOPE_TEST_LIMIT ?? 600);
  setTimeout(() => void end(124, `no result after ${limit} s`), limit * 1000).unref();
  const remote = (/** @type {string} */ path) => `vscode-remote://${server.authority}${encodeURI(path)}`;
  const payload = [
    ...given.developmentPaths.map((path) => ["extensionDevelopmentPath", remote(path)]),
    ["extensionTestsPath", remote(join(import.meta.dirname, "testEntry.cjs"))],
    ...(given.inspect ? [["inspect-extensions", given.inspect]] : []),
    ...(given.file ? [["openFile", remote(given.file)]] : []),
    ...[["skipWelcome", "true"], ["skipReleaseNotes", "true"]],
  ];
  await page.goto(workbenchUrl(server, { folder: given.folder, workspace: given.workspace, payload }), { waitUntil: "commit" });
  const [code] = await reported;
  // The extension host may be writing NODE_V8_COVERAGE until its end.
  const how = await Promise.race([hostEnded, sleep(5000, "still running")]);
  if (!existsSync(note)) return end(1, `the extension host was lost before the tests came to their end (${how})`);
  const result = JSON.parse(readFileSync(note, "utf8"));
  return end(result.ok ? code : 1, result.ok ? undefined : result.error.split("\n")[0]);
}

if (given.testsPath) await runTests(given.testsPath);
else if (given.cli.length > 0) {
  const { code, output } = await runCodeCommand(given.cli, { userDataDir, extensionsDir });
  process.stdout.write(output);
  await end(code);
} else await end(2, "nothing to do: neither --extensionTestsPath nor a command such as --install-extension was given");
