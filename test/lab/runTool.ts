import { spawn } from "node:child_process";
import { once } from "node:events";
import { DomainError } from "../../src/base/errors";

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to stdin, which is then closed; without it stdin is empty. */
  readonly stdin?: string | Uint8Array;
  /** Milliseconds after which the tool is killed. */
  readonly timeoutMs?: number;
}

export interface ToolResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and says how it ended. Throws only when it cannot be started. */
export async function tryTool(argv: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: options.timeoutMs,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A tool that ends without reading its input closes the pipe; its exit status says what matters.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  try {
    await once(child, "close");
  } catch (cause) {
    throw new DomainError("lab/cannot-start", `cannot start ${program}: ${String(cause)}`, program, { cause });
  }
  return { code: child.exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** Runs a program to its end and returns its stdout. Throws with the last words of stderr unless it exits with 0. */
export async function runTool(argv: readonly string[], options: ToolOptions = {}): Promise<string> {
  const result = await tryTool(argv, options);
  if (result.code === 0) return result.stdout;
  const words = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-8).join("\n");
  throw new DomainError("lab/tool-failed", `${argv.slice(0, 4).join(" ")} ended with ${String(result.code)}: ${words}`, argv[0]);
}
