import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

/** @returns {string} */
export function chromiumPath() {
  const found = [process.env.CHROMIUM_PATH, ...places].find((place) => place && existsSync(place));
  if (!found) throw new Error("No Chromium: apt-get install -y --no-install-recommends chromium, or name one in CHROMIUM_PATH.");
  return found;
}

/** Chromium without a window (`HEADED=1`: with one); it ends with this process. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: !process.env.HEADED,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ...["--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-background-timer-throttling"],
      ...["--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows"],
    ],
  });
}
