import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, mkdtempSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError, DomainError, errorCode } from "../../src/base/errors";
import { freePort } from "../support/freePort";
import { endTarget } from "./downLab";
import { debugFiles } from "./debugFiles";
import { ensureImage, type LabImage, type Log } from "./ensureImage";
import type { LabKernel } from "./labKernel";
import { labPaths } from "./labPaths";
import { isAlive, labState, requireState, writeState, type LabState, type LabUser } from "./labState";
import { updateSshFiles } from "./sshFiles";
import { consoleEnd } from "./targetState";
import { withLock } from "./withLock";

export interface UpOptions {
  /** Several targets of one kernel may run under different names. Default: the kernel. */
  readonly name?: string;
  /** QEMU's gdb stub on a free port of loopback, and a kernel at its link addresses (nokaslr). */
  readonly gdb?: boolean;
  readonly log?: Log;
}

const bootLimitMs = 240_000;
/** sun_path of unix(7) holds 108 bytes. */
const longestSocketPath = 100;

interface Ports {
  /** Forwarded to the target's sshd. */
  readonly ssh: number;
  /** Of the gdb stub. */
  readonly gdb?: number;
}

function qemuArguments(image: LabImage, name: string, { ssh: port, gdb }: Ports, qmpSocket: string): string[] {
  const run = labPaths.run(name);
  const bare = image.disk === undefined;
  return [
    // Software emulation on purpose: /dev/kvm may exist where nested virtualization hangs.
    "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", bare ? "1" : "2", "-m", bare ? "384" : "1536",
    "-no-reboot", "-display", "none", "-monitor", "none", "-serial", `file:${run}/console.log`,
    "-kernel", image.vmlinuz, "-initrd", image.initrd,
    // The self-tests of the crypto API take seconds under emulation.
    "-append", `console=ttyS0 quiet panic=-1 net.ifnames=0 cryptomgr.notests lab.name=lab-${name}${gdb === undefined ? "" : " nokaslr"}`,
    ...(image.disk === undefined ? [] : ["-drive", `file=${image.disk},if=virtio,format=raw,readonly=on`]),
    "-netdev", `user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`,
    "-device", "virtio-net-pci,netdev=net0,id=nic0",
    "-qmp", `unix:${qmpSocket},server=on,wait=off`,
    // Not `-s`, which listens on every address.
    ...(gdb === undefined ? [] : ["-gdb", `tcp:127.0.0.1:${gdb}`]),
  ];
}

/** True when an SSH server greets on the port; QEMU's forwarding alone accepts connections long before. */
export function greetsWithSsh(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    const end = (found: boolean): void => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(5000, () => end(false));
    socket.once("data", (data) => {
      end(data.toString("latin1").startsWith("SSH-"));
    });
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

function hasBooted(run: string): boolean {
  const file = join(run, "console.log");
  return existsSync(file) && readFileSync(file).includes("READY");
}

/**
 * Waits until the target's PID 1 has said READY and its sshd greets. Nothing knocks before: QEMU's forwarding would keep each
 * early connection and retry it. Fails when QEMU ends, with its own words.
 */
async function waitForSsh(state: Pick<LabState, "name" | "pid" | "port">): Promise<void> {
  const run = labPaths.run(state.name);
  const limit = Date.now() + bootLimitMs;
  while (Date.now() < limit) {
    if (!isAlive(state)) throw new DomainError("lab/ended-early", `QEMU ended: ${readFileSync(join(run, "qemu.log"), "utf8").trim()}; ${consoleEnd(state)}`, run);
    if (hasBooted(run) && (await greetsWithSsh(state.port))) return;
    await sleep(100);
  }
  const booted = hasBooted(run) ? "it booted, but no SSH server answers" : "it has not booted";
  throw new DomainError("lab/boot-failed", `after ${bootLimitMs / 1000} s: ${booted}; ${consoleEnd(state)}`, run);
}

function users(kernel: LabKernel): LabUser[] {
  const identityFile = labPaths.identity;
  const root: LabUser = { name: "root", sudo: "root", identityFile, accepts: "key" };
  if (kernel === "bare") return [root, { name: "knet", sudo: "none", identityFile, accepts: "key" }];
  const passwords = new Map(readFileSync(labPaths.passwords, "utf8").trim().split("\n").map((line) => line.split(":") as [string, string]));
  const user = (name: string, rest: Omit<LabUser, "name" | "password">): LabUser => ({ name, password: passwords.get(name) ?? "", ...rest });
  return [
    root,
    user("knet", { sudo: "password", identityFile, accepts: "any" }),
    user("knet-nopass", { sudo: "no-password", identityFile, accepts: "any" }),
    user("knet-plain", { sudo: "none", identityFile, accepts: "any" }),
    user("knet-kbd", { sudo: "none", accepts: "keyboard-interactive" }),
    user("knet-password", { sudo: "none", accepts: "password" }),
  ];
}

function startQemu(image: LabImage, name: string, ports: Ports, qmpSocket: string): number {
  const log = openSync(join(labPaths.run(name), "qemu.log"), "w");
  const child = spawn("qemu-system-x86_64", qemuArguments(image, name, ports, qmpSocket), { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new DomainError("lab/boot-failed", "qemu-system-x86_64 cannot be started");
  return child.pid;
}

/** Starts QEMU for a target and waits for its sshd. The caller holds the lock of the target, which does not run. */
async function boot(image: LabImage, name: string, ports: Ports): Promise<LabState> {
  const run = labPaths.run(name);
  rmSync(run, { recursive: true, force: true });
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const near = join(run, "qmp");
  const qmpSocket = near.length <= longestSocketPath ? near : join(mkdtempSync(join(tmpdir(), "knetscope-lab-")), "qmp");
  const pid = startQemu(image, name, ports, qmpSocket);
  const state: LabState = {
    name, kernel: image.kernel, release: image.release, host: "127.0.0.1", port: ports.ssh, alias: `lab-${name}`, users: users(image.kernel),
    identityFile: labPaths.identity,
    encryptedIdentity: { file: labPaths.identityWithPassphrase, passphrase: readFileSync(labPaths.passphrase, "utf8") },
    knownHostsFile: labPaths.knownHosts, sshConfigFile: labPaths.sshConfig,
    pid, qmpSocket, consoleLog: join(run, "console.log"), modulesDir: image.modulesDir, ...debugFiles(image.kernel), ...(ports.gdb !== undefined && { gdbAddress: `127.0.0.1:${ports.gdb}` }), startedAt: Date.now(),
  };
  // Written before it has booted, so that `down` finds it whatever happens to us meanwhile.
  writeState(state);
  await waitForSsh(state);
  return state;
}

/** With two CPUs, software emulation now and then lets a kernel run into code that it is patching, and panic as it boots: it is booted once more, and that is said. */
async function bootReliably(image: LabImage, name: string, gdb: boolean, log: (line: string) => void): Promise<LabState> {
  const ports = async (): Promise<Ports> => ({ ssh: await freePort(), ...(gdb && { gdb: await freePort() }) });
  try {
    return await boot(image, name, await ports());
  } catch (error) {
    if (errorCode(error) !== "lab/ended-early") throw error;
    log(`booting ${name} again: ${describeError(error)}`);
    return boot(image, name, await ports());
  }
}

/** Starts a target, unless it runs already, and returns when its sshd answers. Builds the image first when it is missing. */
export async function upLab(kernel: LabKernel, options: UpOptions = {}): Promise<LabState> {
  const name = options.name ?? kernel;
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$/.test(name)) throw new DomainError("lab/bad-name", `not a name for a target: ${name}`);
  const log = options.log ?? ((): void => undefined);
  return withLock(`up-${name}`, async () => {
    const running = labState(name);
    if (running !== undefined) {
      if (running.kernel !== kernel) throw new DomainError("lab/name-taken", `${name} runs kernel ${running.kernel}`, name);
      if (options.gdb === true && running.gdbAddress === undefined) throw new DomainError("lab/no-gdb", `${name} runs without a gdb stub; end it first, or give another --name`, name);
      await waitForSsh(running);
      if (existsSync(labPaths.sshConfig)) return running;
    }
    const image = running ?? (await ensureImage(kernel, log));
    log(`booting ${name}`);
    const state = "port" in image ? image : await bootReliably(image, name, options.gdb === true, log);
    await updateSshFiles(log);
    return state;
  }, log);
}

/**
 * Cuts a target's power and boots it again, on the same port: pristine, with a new pid in its state. A reset of the machine inside
 * QEMU would be nearer to life, but QEMU 7.2 may then crawl for minutes over memory that held code before (seen as soft lockups).
 */
export async function rebootLab(name: string, log: Log = () => undefined): Promise<LabState> {
  return withLock(`up-${name}`, async () => {
    const old = requireState(name);
    await endTarget(old);
    const state = await boot(await ensureImage(old.kernel, log), name, { ssh: old.port, ...(old.gdbAddress !== undefined && { gdb: Number(old.gdbAddress.split(":")[1]) }) });
    await updateSshFiles(log);
    return state;
  }, log);
}
