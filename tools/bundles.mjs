/** What is built from which sources: one list for `npm run build` and for tests that start a bundle. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8"));

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  legalComments: "none",
  define: { "process.env.KNETSCOPE_VERSION": JSON.stringify(version) },
  logLevel: "warning",
};
/**
 * ssh2 lets the server send 2 MB ahead, and has no option for it: 20 MB a second at most where a round trip takes 0.1 s. With 16 MB a hundred thousand
 * sockets with tcp_info come in a third of the time.
 * @type {import("esbuild").Plugin}
 */
const wideWindow = {
  name: "wide ssh window",
  setup: (build) => {
    build.onLoad({ filter: /ssh2\/lib\/Channel\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text.replace("const MAX_WINDOW = 2 * 1024 * 1024;", "const MAX_WINDOW = 16 * 1024 * 1024;");
      return contents === text ? { errors: [{ text: "ssh2 has no MAX_WINDOW of 2 MB any more" }] } : { contents };
    });
  },
};

// ssh2 tries two optional native modules and works without them; the .vsix carries no native code.
/** @type {import("esbuild").BuildOptions} */
const node = { ...common, platform: "node", format: "cjs", target: "node20", external: ["cpu-features", "*.node"], plugins: [wideWindow] };

/**
 * What is imported with `import()` stays outside: a bundle of its own, read when it is needed.
 * @param {string} module @param {string} bundle @returns {import("esbuild").Plugin}
 */
function siblingBundle(module, bundle) {
  return {
    name: `sibling ${bundle}`,
    setup: (build) => build.onResolve({ filter: new RegExp(`/${module}$`) }, ({ kind }) => (kind === "dynamic-import" ? { path: `./${bundle}.js`, external: true } : undefined)),
  };
}

/** Modules of Node that take milliseconds to load, which is much of the time of a quick command, and that most commands never use. */
const seldom = ["node:crypto", "node:fs/promises", "node:readline", "node:stream", "node:zlib"];

/**
 * They wait until something of them is used. So does node:child_process for commander, which would start programs for subcommands, which ours are not.
 * @type {import("esbuild").Plugin}
 */
const lazyBuiltins = {
  name: "lazy builtins",
  setup: (build) => {
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) => (seldom.includes(path) || (path === "node:child_process" && importer.includes("commander")) ? { path, namespace: "lazy" } : undefined));
    build.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path }) => ({ contents: lazyModule(path) }));
  },
};

/** @param {string} name */
const lazyModule = (name) => `module.exports = {\n${Object.keys(process.getBuiltinModule(name) ?? {}).map((key) => `  get ${key}() { return process.getBuiltinModule("${name}").${key}; },`).join("\n")}\n};`;

/** The command line in parts, so that a quick command reads little: which of them is needed is decided in the first (src/cli/loadPart). */
function cliBundles() {
  const parts = { openFlaggedSockets: "cliSockets", openFlaggedHost: "cliHost", connectSsh: "cliSsh" };
  /** @param {string} bundle @param {string} entry */
  const part = (bundle, entry) => ({
    ...node,
    entryPoints: { [bundle]: entry },
    outdir: "dist",
    supported: { "dynamic-import": false },
    plugins: [...Object.entries(parts).filter(([, other]) => other !== bundle).map(([module, other]) => siblingBundle(module, other)), lazyBuiltins, wideWindow],
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

/** Every bundle, for dist/. @param {{ production?: boolean }} [options] `production`: small, and without source maps */
export function bundles({ production = false } = {}) {
  /** @type {import("esbuild").BuildOptions[]} */
  const list = [
    { ...node, entryPoints: { extension: "src/vscode/extension.ts" }, external: [...(node.external ?? []), "vscode"], outdir: "dist" },
    // Without `external: vscode`: a stray import of it fails the build.
    ...cliBundles(),
    // The extension answers for the kernels itself; only other editors need the second part.
    { ...node, entryPoints: { server: "src/server/main.ts" }, outdir: "dist", supported: { "dynamic-import": false }, plugins: [siblingBundle("kernelsHere", "serverKernels"), wideWindow], banner: { js: "#!/usr/bin/env node" } },
    { ...node, entryPoints: { serverKernels: "src/session/kernelsHere.ts" }, outdir: "dist" },
    { ...node, entryPoints: { symbolizer: "src/symbolize/worker.ts" }, outdir: "dist" },
  ];
  const pages = readdirSync(resolve(root, "src/webviews"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of pages) {
    list.push({ ...common, platform: "browser", format: "iife", target: "es2022", entryPoints: { [name]: `src/webviews/${name}/main.ts` }, outdir: "dist/webview" });
  }
  const present = list.filter((options) => Object.values(options.entryPoints ?? {}).every((file) => existsSync(resolve(root, String(file)))));
  return present.map((options) => ({ ...options, minify: production, sourcemap: production ? /** @type {const} */ (false) : /** @type {const} */ ("linked") }));
}
