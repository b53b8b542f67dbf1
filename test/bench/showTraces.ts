import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

const root = resolve(import.meta.dirname, "../..");

/** A flood of trace events through the code as it is shipped: what runs a TypeScript file as it stands slows every small function. */
export function showTraces(events = 200_000): void {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-bench-"));
  try {
    const program = join(folder, "traceFlood.cjs");
    buildSync({ entryPoints: [join(import.meta.dirname, "traceFlood.ts")], bundle: true, minify: true, platform: "node", format: "cjs", outfile: program });
    execFileSync(process.execPath, [program, String(events)], { cwd: root, stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
