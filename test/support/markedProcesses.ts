import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { eventually } from "./eventually";

/** A word to give a command in its environment, by which everything that descends from it can be found. */
export const newMark = (): string => `KNETSCOPE_TEST_${randomBytes(6).toString("hex")}`;

/** Living processes of this machine with the word in their arguments or environment, our own aside. */
export async function markedProcesses(mark: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map(async (pid) => ((await hasMark(pid, mark)) ? [await describe(pid)] : [])));
  return found.flat();
}

export async function untilNoneIsLeft(mark: string, withinMs: number): Promise<void> {
  await eventually(async () => {
    const left = await markedProcesses(mark);
    if (left.length > 0) throw new Error(`still there: ${left.join("; ")}`);
  }, withinMs);
}

async function hasMark(pid: string, mark: string): Promise<boolean> {
  const texts = await Promise.all(["cmdline", "environ"].map((file) => readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "")));
  return texts.some((text) => text.includes(mark));
}

/** A zombie has neither arguments nor environment, so it is never described. */
async function describe(pid: string): Promise<string> {
  const words = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
  return `${pid} ${words.replaceAll("\0", " ").replace(/\s+/g, " ").slice(0, 60)}`;
}

/** Pids of the direct children of a process. */
export async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(pids.map(async (pid) => /^PPid:\t(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, "latin1").catch(() => ""))?.[1]));
  return pids.filter((_pid, index) => parents[index] === String(parent)).map(Number);
}
