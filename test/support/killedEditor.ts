import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * A process of its own that opens a target, starts a command there and is then killed like an editor that crashes.
 * `statements` is the body of an async function `main(mark)`, with imports relative to src; it prints `started`.
 */
export async function killedEditor(statements: string, mark: string): Promise<void> {
  const source = new URL("../../src/", import.meta.url).href;
  const script = `(async (mark) => { const load = async (file) => { const loaded = await import(${JSON.stringify(source)} + file); return { ...loaded.default, ...loaded }; }; ${statements} })(${JSON.stringify(mark)});`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed.includes("started")) break;
  }
  if (!printed.includes("started")) throw new Error("the editor ended before its command ran");
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
