/** Builds every bundle into dist/. `--production` minifies and leaves source maps out; `--watch` stays. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import esbuild from "esbuild";
import { thirdPartyNotices } from "./notices.mjs";

const root = resolve(import.meta.dirname, "..");
const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

const { version } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  legalComments: "none",
  define: { "process.env.KNETSCOPE_VERSION": JSON.stringify(version) },
  logLevel: "warning",
};
// ssh2 tries two optional native modules and works without them; the .vsix carries no native code.
/** @type {esbuild.BuildOptions} */
const node = { ...common, platform: "node", format: "cjs", target: "node20", external: ["cpu-features", "*.node"] };

/**
 * What is imported with `import()` stays outside: a bundle of its own, read when it is needed.
 * @param {string} module @param {string} bundle @returns {esbuild.Plugin}
 */
function siblingBundle(module, bundle) {
  return {
    name: `sibling ${bundle}`,
    setup: (build) => build.onResolve({ filter: new RegExp(`/${module}$`) }, ({ kind }) => (kind === "dynamic-import" ? { path: `./${bundle}.js`, external: true } : undefined)),
  };
}

/**
 * Commander starts programs for subcommands, which ours are not: node:child_process, which takes as long to load as commander, waits until it is used.
 * @type {esbuild.Plugin}
 */
const lazyChildProcess = {
  name: "lazy child_process",
  setup: (build) => {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) => (importer.includes("commander") ? { path: "child_process", namespace: "lazy" } : undefined));
    build.onLoad({ filter: /.*/, namespace: "lazy" }, () => ({ contents: `module.exports = { get spawn() { return process.getBuiltinModule("node:child_process").spawn; } };` }));
  },
};

/** The command line in parts, so that a quick command reads little: which of them is needed is decided in the first. */
function cliBundles() {
  const parts = { runSocketCommands: "cliSockets", openFlaggedSockets: "cliSockets", runResolve: "cliResolve", runAllCommands: "cliCommands", openFlaggedHost: "cliHost", connectSsh: "cliSsh" };
  /** @param {string} bundle @param {string} entry */
  const part = (bundle, entry) => ({
    ...node,
    entryPoints: { [bundle]: entry },
    outdir: "dist",
    supported: { "dynamic-import": false },
    plugins: [...Object.entries(parts).filter(([, other]) => other !== bundle).map(([module, other]) => siblingBundle(module, other)), lazyChildProcess],
  });
  return [
    { ...part("cli", "src/cli/main.ts"), banner: { js: "#!/usr/bin/env node" } },
    part("cliSockets", "src/cli/runSocketCommands.ts"),
    part("cliResolve", "src/cli/runResolve.ts"),
    part("cliCommands", "src/cli/runAllCommands.ts"),
    part("cliHost", "src/cli/openFlaggedHost.ts"),
    part("cliSsh", "src/ssh/connectSsh.ts"),
  ];
}

function bundles() {
  /** @type {esbuild.BuildOptions[]} */
  const list = [
    { ...node, entryPoints: { extension: "src/vscode/extension.ts" }, external: [...(node.external ?? []), "vscode"], outdir: "dist" },
    // Without `external: vscode`: a stray import of it fails the build.
    ...cliBundles(),
    { ...node, entryPoints: { server: "src/server/main.ts" }, outdir: "dist", banner: { js: "#!/usr/bin/env node" } },
    { ...node, entryPoints: { symbolizer: "src/symbolize/worker.ts" }, outdir: "dist" },
  ];
  const pages = readdirSync(resolve(root, "src/webviews"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of pages) {
    list.push({ ...common, platform: "browser", format: "iife", target: "es2022", entryPoints: { [name]: `src/webviews/${name}/main.ts` }, outdir: "dist/webview" });
  }
  return list.filter((options) => Object.values(options.entryPoints ?? {}).every((file) => existsSync(resolve(root, String(file)))));
}

if (!watch) rmSync(resolve(root, "dist"), { recursive: true, force: true });
/** @type {esbuild.Metafile[]} */
const metafiles = [];
for (const options of bundles()) {
  if (watch) await (await esbuild.context(options)).watch();
  else metafiles.push((await esbuild.build({ ...options, metafile: true })).metafile);
}
if (production) writeFileSync(resolve(root, "dist/THIRD_PARTY_NOTICES.txt"), thirdPartyNotices(metafiles));
