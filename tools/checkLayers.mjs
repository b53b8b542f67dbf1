import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { layers, restrictedPackages } from "./layers.mjs";

const root = resolve(import.meta.dirname, "../src");
const importPattern = /(?:^|\n)\s*(?:import|export)\b[^;"']*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

function problemOf(file, specifier) {
  const from = relative(root, file).split("/")[0];
  if (specifier.startsWith(".")) {
    const to = relative(root, resolve(dirname(file), specifier)).split("/")[0];
    if (to === "..") return "imports from outside of src";
    if (to !== from && !layers[from]?.includes(to)) return `${from} may not import ${to}`;
    return undefined;
  }
  const name = specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0];
  const allowed = restrictedPackages[name];
  return allowed && !allowed.includes(from) ? `only ${allowed.join(", ")} may import ${name}` : undefined;
}

const problems = [];
for (const entry of readdirSync(root, { recursive: true })) {
  if (!entry.endsWith(".ts")) continue;
  const file = join(root, entry);
  if (!(entry.split("/")[0] in layers)) problems.push(`src/${entry}: folder is not in tools/layers.mjs`);
  for (const match of readFileSync(file, "utf8").matchAll(importPattern)) {
    const problem = problemOf(file, match[1] ?? match[2]);
    if (problem) problems.push(`src/${entry}: ${problem} (${match[1] ?? match[2]})`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log("layers: ok");
