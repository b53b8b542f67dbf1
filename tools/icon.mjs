/** Draws media/icon.png (128 × 128, the marketplace's icon) from media/icon.svg. Run after changing the SVG. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

const media = resolve(import.meta.dirname, "../media");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${readFileSync(resolve(media, "icon.svg"), "utf8")}`);
  await page.screenshot({ path: resolve(media, "icon.png"), omitBackground: true });
} finally {
  await browser.close();
}
