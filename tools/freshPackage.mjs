import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageExtension } from "./package.mjs";

const root = resolve(import.meta.dirname, "..");
const inputs = ["src", "media", "syntaxes", "tools/build.mjs", "tools/bundles.mjs", "tools/package.mjs", "package.json", "package-lock.json", "README.md", "CHANGELOG.md", "LICENSE", ".vscodeignore"];

/** @param {string} place @returns {string[]} the files below it, or itself */
function filesOf(place) {
  const path = join(root, place);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

function digestOfInputs() {
  const hash = createHash("sha256");
  for (const file of inputs.flatMap(filesOf)) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

/** The .vsix of the sources as they are now: the last one when nothing has changed since. @returns {Promise<{ vsix: string, digest: string }>} */
export async function freshPackage() {
  const stamp = join(root, "artifacts/knetscope.vsix.json");
  const digest = digestOfInputs();
  const last = existsSync(stamp) ? JSON.parse(readFileSync(stamp, "utf8")) : undefined;
  if (last?.digest === digest && existsSync(last.vsix)) return last;
  const made = { vsix: await packageExtension(), digest };
  writeFileSync(stamp, JSON.stringify(made));
  return made;
}
