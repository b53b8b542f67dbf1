import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import * as table from "./layers.mjs";

/** @type {Record<string, string[]>} */
const layers = table.layers;
/** @type {Record<string, string[]>} */
const restrictedPackages = table.restrictedPackages;

const root = resolve(import.meta.dirname, "../src");
const importPattern = /(?:^|\n)\s*(?:import|export)\b[^;"']*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** @param {string} file @returns {string} the folder under src that it lies in */
function topFolder(file) {
  return relative(root, file).split("/")[0] ?? "";
}

/** @param {string} file @param {string} specifier @returns {string | undefined} what is wrong with this import */
function problemOf(file, specifier) {
  const from = topFolder(file);
  if (specifier.startsWith(".")) {
    const to = topFolder(resolve(dirname(file), specifier));
    if (to === "..") return "imports from outside of src";
    if (to !== from && !layers[from]?.includes(to)) return `${from} may not import ${to}`;
    return undefined;
  }
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const allowed = restrictedPackages[name];
  return allowed && !allowed.includes(from) ? `only ${allowed.join(", ")} may import ${name}` : undefined;
}

const problems = [];
for (const entry of readdirSync(root, { recursive: true, encoding: "utf8" })) {
  if (!entry.endsWith(".ts")) continue;
  const file = join(root, entry);
  if (!(topFolder(join(root, entry)) in layers)) problems.push(`src/${entry}: folder is not in tools/layers.mjs`);
  for (const match of readFileSync(file, "utf8").matchAll(importPattern)) {
    const problem = problemOf(file, match[1] ?? match[2] ?? "");
    if (problem) problems.push(`src/${entry}: ${problem} (${match[1] ?? match[2]})`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log("layers: ok");
