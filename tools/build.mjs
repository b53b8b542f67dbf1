/** Builds every bundle into dist/. `--production` minifies and leaves source maps out; `--watch` stays. */
import { rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import esbuild from "esbuild";
import { bundles } from "./bundles.mjs";
import { thirdPartyNotices } from "./notices.mjs";

const root = resolve(import.meta.dirname, "..");
const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

if (!watch) rmSync(resolve(root, "dist"), { recursive: true, force: true });
/** @type {esbuild.Metafile[]} */
const metafiles = [];
for (const options of bundles({ production })) {
  if (watch) await (await esbuild.context(options)).watch();
  else metafiles.push((await esbuild.build({ ...options, metafile: true })).metafile);
}
if (production) writeFileSync(resolve(root, "dist/THIRD_PARTY_NOTICES.txt"), thirdPartyNotices(metafiles));
