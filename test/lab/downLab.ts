import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labPaths } from "./labPaths";
import { isAlive, labState, removeState, runningTargets, type LabState } from "./labState";
import { qmp } from "./qmp";
import { updateSshFiles } from "./sshFiles";

async function endsWithin(state: LabState, milliseconds: number): Promise<boolean> {
  const limit = Date.now() + milliseconds;
  while (isAlive(state) && Date.now() < limit) await sleep(50);
  return !isAlive(state);
}

function kill(state: LabState, signal: NodeJS.Signals): void {
  try {
    if (isAlive(state)) process.kill(state.pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}

/** Ends the QEMU of a target: asked, then told, then killed. */
export async function endTarget(state: LabState): Promise<void> {
  await qmp(state.qmpSocket, "quit").catch(() => undefined);
  if (!(await endsWithin(state, 3000))) kill(state, "SIGTERM");
  if (!(await endsWithin(state, 3000))) kill(state, "SIGKILL");
  await endsWithin(state, 3000);
  if (!state.qmpSocket.startsWith(labPaths.run(state.name))) rmSync(dirname(state.qmpSocket), { recursive: true, force: true });
}

/** Ends one target, or all. Returns the names of those that ran. */
export async function downLab(name?: string): Promise<string[]> {
  const ended: string[] = [];
  for (const target of name === undefined ? runningTargets().map((state) => state.name) : [name]) {
    const state = labState(target);
    if (state !== undefined) {
      await endTarget(state);
      ended.push(target);
    }
    removeState(target);
    rmSync(labPaths.run(target), { recursive: true, force: true });
  }
  if (ended.length > 0) await updateSshFiles(() => undefined);
  return ended;
}

