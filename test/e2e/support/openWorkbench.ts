import { createWriteStream, mkdirSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../../tools/vscode-host/browser.mjs";
import { testSettings, writeUserSettings } from "../../../tools/vscode-host/quietSettings.mjs";
import { runCodeCommand, startServer, workbenchUrl } from "../../../tools/vscode-host/server.mjs";
import { artifact } from "./artifacts";
import { Workbench } from "./workbench";

export interface WorkbenchOptions {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Path of an OpenSSH client configuration, for `knetscope.ssh.configFile`. */
  readonly sshConfig?: string;
  /** Opened in the window instead of an empty one; tests that write should pass a copy. */
  readonly folder?: string;
  /** Ask whether the folder is trusted. */
  readonly workspaceTrust?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly size?: { readonly width: number; readonly height: number };
}

const defaultSize = { width: 1400, height: 900 };
const opened = new Set<Workbench>();

/** Windows that are open now. */
export function openWorkbenches(): readonly Workbench[] {
  return [...opened];
}

async function installExtension(userDataDir: string, extensionsDir: string): Promise<void> {
  const vsix = process.env.KNETSCOPE_VSIX;
  if (!vsix) throw new Error("KNETSCOPE_VSIX names no .vsix: run the end-to-end tests with npm run test:e2e.");
  const { code, output } = await runCodeCommand(["--install-extension", vsix], { userDataDir, extensionsDir });
  if (code !== 0) throw new Error(`${vsix} could not be installed:\n${output}`);
}

/** Waits until the window is drawn and its extension host knows its extensions, by the workbench's own marks. */
async function waitForWindow(page: Page): Promise<void> {
  const timeout = 60_000;
  await page.waitForSelector(".monaco-workbench .part.statusbar", { timeout });
  const started = () => ["code/didLoadExtensions", "code/didStartWorkbench"].every((mark) => performance.getEntriesByName(mark).length > 0);
  await page.waitForFunction(started, undefined, { timeout });
}

/** Folders of one window's profile, under one temporary folder. */
interface Profile {
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly folder: string;
}

async function createProfile(base: string, options: WorkbenchOptions): Promise<Profile> {
  const profile = { userDataDir: join(base, "user"), extensionsDir: join(base, "extensions"), folder: options.folder ?? join(base, "workspace") };
  mkdirSync(profile.folder, { recursive: true });
  const sshSettings = options.sshConfig ? { "knetscope.ssh.configFile": options.sshConfig } : {};
  writeUserSettings(profile.userDataDir, { ...testSettings, ...sshSettings, ...options.settings });
  await installExtension(profile.userDataDir, profile.extensionsDir);
  return profile;
}

async function openPage(browser: Browser, size: { width: number; height: number }): Promise<Page> {
  const context = await browser.newContext({ viewport: size, permissions: ["clipboard-read", "clipboard-write"] });
  // Functions are sent to the page as tsx compiled them, and it marks their names with this.
  await context.addInitScript("globalThis.__name = (value) => value;");
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const log = createWriteStream(artifact("window.log"), { flags: "a" });
  page.on("console", (message) => log.write(`[${message.type()}] ${message.text()}\n`));
  page.on("pageerror", (error) => log.write(`[pageerror] ${error.stack ?? error.message}\n`));
  return page;
}

/** Opens the real workbench in a browser, in a fresh profile with the packaged extension installed. `close` leaves nothing behind. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const base = mkdtempSync(join(tmpdir(), "kne-"));
  const closers = [() => rm(base, { recursive: true, force: true, maxRetries: 5 })];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const profile = await createProfile(base, options);
    const server = await startServer({ ...profile, workspaceTrust: options.workspaceTrust ?? false, logFile: artifact("server.log"), env: { ...options.env } });
    closers.push(() => server.stop());
    const hostEnded = new Promise<void>((resolve) => {
      server.onOutput((text) => {
        if (text.includes("Extension Host Process exited")) resolve();
      });
    });
    const browser = await launchBrowser();
    closers.push(() => browser.close());
    const page = await openPage(browser, options.size ?? defaultSize);
    await page.goto(workbenchUrl(server, { folder: profile.folder }), { waitUntil: "commit" });
    // A window that is left lets its extension host end by itself, with deactivate(); one that is killed waits for a reconnection.
    closers.push(async () => {
      await page.goto("about:blank");
      await Promise.race([hostEnded, sleep(5000)]);
    });
    await waitForWindow(page);
    const workbench = new Workbench(page, profile.folder, () => {
      opened.delete(workbench);
      return closeAll();
    });
    opened.add(workbench);
    return workbench;
  } catch (error) {
    await closeAll();
    throw error;
  }
}
