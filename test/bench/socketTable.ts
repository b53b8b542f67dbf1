/**
 * The socket table as its user meets it: the real page in a real browser, the extension's own model behind it, sockets in columns.
 * Measured: from new data to the first rows on screen; the longest time without a new frame in the page, and the most processor time without a
 * turn of the extension's event loop, while the table is scrolled, sorted and searched.
 */
import { createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { allIndexes } from "../../src/base/sortIndexes";
import { exportText } from "../../src/vscode/webviewHost/socketExport";
import { manySockets } from "../support/manySockets";
import { TablePage } from "./tablePage";

interface Work {
  readonly name: string;
  /** Milliseconds until it was done. */
  readonly took: number;
  /** Longest time between two frames of the page, milliseconds. */
  readonly pageStall: number;
  /** Most processor time between two turns of the extension's event loop, milliseconds: what others on the machine take does not count. */
  readonly hostStall: number;
}

/** Watches turns of our own event loop until it is asked. */
function watchTurns(): () => number {
  let [longest, before, going] = [0, process.cpuUsage(), true];
  const turn = (): void => {
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.cpuUsage();
    if (going) setImmediate(turn);
  };
  turn();
  return () => {
    going = false;
    return longest;
  };
}

const frames = `
  globalThis.knetLongest = 0;
  globalThis.knetFrames = (before) => requestAnimationFrame((now) => {
    if (before) knetLongest = Math.max(knetLongest, now - before);
    knetFrames(now);
  });
  knetFrames();`;

const rowsDrawn = `document.querySelector('.layer .row:not([aria-busy])') !== null && document.querySelector('.layer .row[aria-busy]') === null`;

/** Waits in the page, so that no round trip of ours is counted. */
const settled = (page: Page): Promise<unknown> => page.waitForFunction(`${rowsDrawn} && document.querySelector('.grid').getAttribute('aria-busy') === null`, undefined, { polling: "raf", timeout: 120_000 });

async function measure(page: Page, name: string, work: () => Promise<unknown>): Promise<Work> {
  await sleep(300);
  await page.evaluate("knetLongest = 0");
  const turns = watchTurns();
  const began = performance.now();
  await work();
  await settled(page);
  const took = performance.now() - began;
  const hostStall = turns();
  return { name, took, pageStall: await page.evaluate<number>("knetLongest"), hostStall };
}

async function scroll(page: Page): Promise<void> {
  const body = page.locator(".body");
  await body.hover();
  for (let step = 0; step < 40; step++) await page.mouse.wheel(0, 700);
  // As one who drags the scroll bar from end to end.
  await page.evaluate(`(async () => {
    const body = document.querySelector('.body');
    for (let part = 0; part <= 1; part += 0.01) {
      body.scrollTop = part * body.scrollHeight;
      await new Promise(requestAnimationFrame);
    }
  })()`);
}

const sortBy = (page: Page, column: string) => async (): Promise<void> => {
  await page.click(`button[data-column="${column}"]`);
};

/** From the message with the new data to the first row with its text, by the page's own clock. */
async function firstRows(table: TablePage, count: number): Promise<number> {
  const { page } = table;
  // In braces: the value of an assignment would be waited for.
  await page.evaluate(`{ globalThis.knetFirst = new Promise((resolve) => {
    let began;
    addEventListener('message', ({ data }) => { if (data.method === 'show') began ??= performance.now(); }, true);
    const look = () => (began !== undefined && ${rowsDrawn} ? resolve(performance.now() - began) : requestAnimationFrame(look));
    look();
  }); undefined; }`);
  table.show(manySockets(count));
  return page.evaluate<number>("knetFirst");
}

export async function benchSocketTable(count: number): Promise<{ readonly firstRows: number; readonly works: readonly Work[] }> {
  const table = await TablePage.open();
  const { page } = table;
  try {
    await page.evaluate(frames);
    const first = await firstRows(table, count);
    const works = [
      await measure(page, "scroll: wheel, then end to end", () => scroll(page)),
      await measure(page, "sort by Send-Q", sortBy(page, "sendQ")),
      await measure(page, "sort by Remote", sortBy(page, "remote")),
      await measure(page, "sort by RTT (in tcp_info)", sortBy(page, "rtt")),
      await measure(page, "sort by Process", sortBy(page, "process")),
      await measure(page, "find “10.9.3 time”", async () => {
        await page.fill("#find", "10.9.3 time");
        await page.waitForFunction("/ of /.test(document.querySelector('.status').textContent)", undefined, { polling: "raf", timeout: 120_000 });
      }),
    ];
    return { firstRows: first, works };
  } finally {
    await table.close();
  }
}

interface Exported {
  readonly took: number;
  readonly hostStall: number;
  /** Bytes. */
  readonly written: number;
  /** By how much the process grew at most, bytes. */
  readonly grew: number;
}

/** All rows into a file, as Export writes them. */
async function exportAll(count: number, format: "csv" | "json"): Promise<Exported> {
  const source = manySockets(count);
  const folder = mkdtempSync(join(tmpdir(), "knetscope-export-"));
  const file = join(folder, "sockets");
  const before = process.memoryUsage().rss;
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss - before)), 5);
  const turns = watchTurns();
  const began = performance.now();
  await pipeline(Readable.from(exportText(format, source, allIndexes(count))), createWriteStream(file));
  const [took, hostStall, written] = [performance.now() - began, turns(), statSync(file).size];
  clearInterval(watching);
  rmSync(folder, { recursive: true });
  return { took, hostStall, written, grew: most };
}

export async function showExport(count: number): Promise<void> {
  for (const format of ["csv", "json"] as const) {
    const { took, hostStall, written, grew } = await exportAll(count, format);
    const name = `export ${format.toUpperCase()}, ${(written / 1e6).toFixed(0)} MB`;
    console.log(`  ${name.padEnd(34)}${took.toFixed(0).padStart(6)} ms   longest stall: extension ${hostStall.toFixed(0)} ms; memory +${(grew / 1e6).toFixed(0)} MB at most`);
  }
}

/** The row of `npm run bench`. */
export async function showSocketTable(): Promise<void> {
  for (const count of [100_000, 1_000_000]) {
    const { firstRows: first, works } = await benchSocketTable(count);
    console.log(`\nSocket table of ${count.toLocaleString("en")} rows in the browser (goals: first rows < 200 ms, no stall > 100 ms)`);
    console.log(`  ${"first rows after the data".padEnd(34)}${first.toFixed(0).padStart(6)} ms`);
    for (const { name, took, pageStall, hostStall } of works) {
      console.log(`  ${name.padEnd(34)}${took.toFixed(0).padStart(6)} ms   longest stall: page ${pageStall.toFixed(0)} ms, extension ${hostStall.toFixed(0)} ms`);
    }
    await showExport(count);
  }
}
