import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { cacheFolder } from "../base/cacheFolder";
import { setInterruptBudget } from "./interruptBudget";

const headBytes = 4;
/** A process that worked this many times as long will have compiled more, and keeps that. */
const worthKeeping = 1.4;
const keptDays = 30;

/**
 * Runs a bundle that lies beside this one and gives what it exports, as `require` does. Compiling takes longer than what most commands have to do,
 * so the code that V8 made of it is kept in the user's cache. V8 itself refuses code of another version of it, or made with other
 * flags, but runs damaged code: it is kept twice, as two copies are compared sooner than a sum is made. The file's name tells the version of the bundle.
 *
 * @param budget see `setInterruptBudget`
 */
export function loadPart(name: string, budget: number): unknown {
  setInterruptBudget(budget);
  const path = join(__dirname, `${name}.js`);
  const { size, mtimeMs } = statSync(path);
  const kept = join(cacheFolder(), "code", [name, size.toString(36), Math.floor(mtimeMs).toString(36), process.versions.v8].join("-"));
  // The bundler writes nothing but ASCII.
  const source = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(path, "latin1")}\n})`;
  const known = readKept(kept);
  const script = new Script(source, { filename: path, ...(known && { cachedData: known.code }) });
  const module = { exports: {} };
  (script.runInThisContext() as (...parts: readonly unknown[]) => void)(module.exports, require, module, path, __dirname);
  const worked = known && script.cachedDataRejected === false ? known.worked : 0;
  process.once("exit", () => {
    const { user, system } = process.cpuUsage();
    const milliseconds = Math.ceil((user + system) / 1000);
    if (milliseconds <= worked * worthKeeping) return;
    setInterruptBudget(budget);
    keep(kept, script.createCachedData(), milliseconds);
  });
  return module.exports;
}

interface KeptCode {
  /** Milliseconds of CPU of the process that kept it. */
  readonly worked: number;
  readonly code: Buffer;
}

function readKept(path: string): KeptCode | undefined {
  try {
    const bytes = readFileSync(path);
    const half = headBytes + ((bytes.length - headBytes) >> 1);
    const code = bytes.subarray(headBytes, half);
    return code.length > 0 && code.equals(bytes.subarray(half)) ? { worked: bytes.readUInt32LE(0), code } : undefined;
  } catch {
    return undefined;
  }
}

/** Others see it only when it is complete. What cannot be written is compiled again next time. */
function keep(path: string, code: Buffer, worked: number): void {
  const folder = join(path, "..");
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const head = Buffer.alloc(headBytes);
    head.writeUInt32LE(worked);
    writeFileSync(temporary, Buffer.concat([head, code, code]), { mode: 0o600 });
    renameSync(temporary, path);
    for (const other of readdirSync(folder)) {
      const file = join(folder, other);
      if (statSync(file).mtimeMs < Date.now() - keptDays * 86_400_000) rmSync(file, { force: true });
    }
  } catch {
    // What was written in part is swept up in time.
  }
}
