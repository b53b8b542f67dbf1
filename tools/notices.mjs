/** The licences of the npm packages inside the bundles, as those licences ask for. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** @param {import("esbuild").Metafile[]} metafiles @returns {string[]} names of the packages, sorted */
function bundledPackages(metafiles) {
  const names = new Set();
  for (const input of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name) names.add(name);
  }
  return [...names].sort();
}

/** @param {import("esbuild").Metafile[]} metafiles @returns {string} throws for a package that names no licence */
export function thirdPartyNotices(metafiles) {
  const notices = bundledPackages(metafiles).map((name) => {
    const folder = join(root, "node_modules", name);
    const manifest = join(folder, "package.json");
    const { version, license, licenses } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")) : {};
    const kind = license ?? licenses?.map((/** @type {{ type: string }} */ { type }) => type).join(", ");
    if (!kind) throw new Error(`${name} in the bundle names no licence`);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${kind})\n\n${file ? readFileSync(join(folder, file), "utf8").trim() : ""}`;
  });
  return `KNetScope contains these packages.\n\n${notices.join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
}
