/** Builds for production and packages one .vsix, knetscope-VERSION.vsix in artifacts/; checks what is inside and prints its size. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(import.meta.dirname, "..");

/** What may be in the package, and what must be. No source maps, sources, tests, native modules or node_modules. */
const allowed = [
  /^\[Content_Types\]\.xml$/, /^extension\.vsixmanifest$/, /^extension\/(package\.json|readme\.md|changelog\.md|LICENSE\.txt)$/i,
  /^extension\/dist\/([\w-]+\.js|THIRD_PARTY_NOTICES\.txt)$/, /^extension\/dist\/webview\/[\w-]+\.(js|css)$/, /^extension\/media\/[\w/.-]+\.(svg|png|css|md)$/,
  /^extension\/syntaxes\/[\w.-]+\.json$/,
];
const bundles = ["extension", "cli", "cliSockets", "cliResolve", "cliCommands", "cliHost", "cliSsh", "symbolizer", "server", "serverKernels"].map((name) => `extension/dist/${name}.js`);
const required = ["extension/package.json", ...bundles, "extension/dist/THIRD_PARTY_NOTICES.txt", "extension/readme.md", "extension/LICENSE.txt"];

/**
 * Names in a zip archive, from its central directory (APPNOTE 4.3.12, 4.3.16).
 * @param {Buffer} zip
 * @returns {string[]}
 */
function zipNames(zip) {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06"));
  if (end < 0) throw new Error("not a zip archive");
  const names = [];
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    names.push(zip.toString("utf8", at + 46, nameEnd));
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}

/** Throws when something is inside that should not be, or the reverse. @param {string} vsix @returns {number} how many files are inside */
function checkContent(vsix) {
  const names = zipNames(readFileSync(vsix));
  const problems = [
    ...names.filter((name) => !allowed.some((pattern) => pattern.test(name))).map((name) => `${name} does not belong into the package`),
    ...required.filter((name) => !names.includes(name)).map((name) => `${name} is missing`),
  ];
  if (problems.length > 0) throw new Error(`${vsix}:\n  ${problems.join("\n  ")}`);
  return names.length;
}

/** @returns {Promise<string>} path of the .vsix */
export async function packageExtension() {
  const { createVSIX } = await import("@vscode/vsce");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const vsix = join(root, `artifacts/knetscope-${version}.vsix`);
  mkdirSync(join(root, "artifacts"), { recursive: true });
  const built = spawnSync(process.execPath, [join(import.meta.dirname, "build.mjs"), "--production"], { stdio: "inherit" });
  if (built.status !== 0) throw new Error("The build failed.");
  await createVSIX({ cwd: root, packagePath: vsix, dependencies: false, allowMissingRepository: true, rewriteRelativeLinks: false });
  console.log(`${vsix}: ${Math.round(statSync(vsix).size / 1024)} KB, ${checkContent(vsix)} files, nothing in it that does not belong there`);
  return vsix;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await packageExtension().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
