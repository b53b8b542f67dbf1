/**
 * Packages the extension and runs test/e2e with it in the real workbench, in Chromium. Pictures and logs stay in artifacts/e2e. KNETSCOPE_VSIX:
 * test this .vsix instead; KNETSCOPE_TESTS: run these files only. Arguments are mocha's (`npm run test:e2e -- --grep hosts`).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageExtension } from "./package.mjs";
import { installHost } from "./vscode-host/install.mjs";

const root = resolve(import.meta.dirname, "..");
rmSync(join(root, "artifacts/e2e"), { recursive: true, force: true });
await installHost();
const vsix = process.env.KNETSCOPE_VSIX ?? (await packageExtension());
const files = ["--require", "test/e2e/support/hooks.ts", ...(process.env.KNETSCOPE_TESTS ?? "test/e2e/**/*.e2e.ts").split(" ")];
const mocha = spawn(process.execPath, [join(root, "node_modules/mocha/bin/mocha.js"), "--timeout", "120000", "--retries", "1", ...files, ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, KNETSCOPE_VSIX: vsix },
});
const [code] = await once(mocha, "exit");
process.exitCode = code ?? 1;
