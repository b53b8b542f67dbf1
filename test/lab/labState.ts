import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { DomainError } from "../../src/base/errors";
import { debugFiles } from "./debugFiles";
import type { LabKernel } from "./labKernel";
import { labPaths } from "./labPaths";

/** How a user of a target comes in, and what it may do there. */
export interface LabUser {
  readonly name: string;
  readonly sudo: "root" | "password" | "no-password" | "none";
  readonly identityFile?: string;
  readonly password?: string;
  /** What the server asks for: any of key, password, keyboard-interactive; or only one of them. */
  readonly accepts: "any" | "key" | "password" | "keyboard-interactive";
}

/** A running target, as `state-NAME.json` in the cache folder says it. */
export interface LabState {
  readonly name: string;
  readonly kernel: LabKernel;
  readonly release: string;
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Name of the target in sshConfigFile: root there; ALIAS-USER for the others, ALIAS-jump through the target to itself. */
  readonly alias: string;
  readonly users: readonly LabUser[];
  readonly identityFile: string;
  readonly encryptedIdentity: { readonly file: string; readonly passphrase: string };
  readonly knownHostsFile: string;
  readonly sshConfigFile: string;
  readonly pid: number;
  readonly qmpSocket: string;
  /** HOST:PORT of QEMU's gdb stub, when it has one. */
  readonly gdbAddress?: string;
  readonly consoleLog: string;
  /** /lib/modules/RELEASE of the target on this machine. */
  readonly modulesDir: string;
  /** Debuginfo and source where `fetch` brought them; absent until then. */
  readonly vmlinux?: string;
  readonly debugDir?: string;
  readonly sourceTarball?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

const stateFile = /^state-(.+)\.json$/;

/** True while the process is ours: its command line names the folder of this target. */
export function isAlive(state: Pick<LabState, "pid" | "name">): boolean {
  try {
    return readFileSync(`/proc/${state.pid}/cmdline`, "utf8").includes(`${labPaths.run(state.name)}/`);
  } catch {
    return false;
  }
}

export function writeState(state: LabState): void {
  const file = labPaths.state(state.name);
  writeFileSync(`${file}.part`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

export const removeState = (name: string): void => rmSync(labPaths.state(name), { force: true });

/** The running target of this name (`6.1`, `6.12`, `bare` or one given at `up`), or undefined. */
export function labState(name: string): LabState | undefined {
  const file = labPaths.state(name);
  if (!existsSync(file)) return undefined;
  const state = JSON.parse(readFileSync(file, "utf8")) as LabState;
  // Debuginfo may have come after the target was started.
  return isAlive(state) ? { ...state, ...debugFiles(state.kernel) } : undefined;
}

export function requireState(name: string): LabState {
  const state = labState(name);
  if (state === undefined) throw new DomainError("lab/not-running", `the lab target ${name} is not running; start it with: npm run lab -- up --kernel ${name}`, name);
  return state;
}

/** All running targets by name. */
export function runningTargets(): LabState[] {
  if (!existsSync(labPaths.root)) return [];
  return readdirSync(labPaths.root)
    .flatMap((entry) => stateFile.exec(basename(entry))?.[1] ?? [])
    .flatMap((name) => labState(name) ?? [])
    .sort((a, b) => a.name.localeCompare(b.name));
}
