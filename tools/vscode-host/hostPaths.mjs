import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cacheFolder.mjs";

/**
 * The one place where the host's versions are pinned. code-server 4.N.P carries VS Code 1.N.P, whose server needs Node.js 24
 * (`registerHooks` of node:module). Raise `recipe` when install.mjs changes what it leaves on disk.
 */
export const hostVersions = { codeServer: "4.139.1", node: "24.21.0", recipe: 1 };

export function hostFolder() {
  return process.env.KNETSCOPE_VSCODE_HOST ?? join(cacheFolder(), "vscode-host", `code-server-${hostVersions.codeServer}`);
}

/** @returns {string} content of the stamp that a complete installation carries */
export function hostStamp() {
  return JSON.stringify(hostVersions);
}

/** @returns {{ node: string, serverMain: string }} */
export function hostPaths() {
  const folder = hostFolder();
  const paths = { node: join(folder, "node"), serverMain: join(folder, "vscode/out/server-main.js") };
  if (!existsSync(join(folder, ".complete"))) {
    throw new Error(`No VS Code host in ${folder}: run "node tools/vscode-host/install.mjs" first.`);
  }
  return paths;
}
