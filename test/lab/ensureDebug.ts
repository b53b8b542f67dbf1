/**
 * Debuginfo and source of the lab's kernels. Of the -dbg package (1.7 GB unpacked) only vmlinux and the modules of the network
 * are unpacked, under the paths they have in the package; the guest never gets them. Both match the release that the kernel
 * folder holds, not whatever the archive has newest.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "../../src/base/errors";
import { downloadPackage } from "./archive";
import { buildStep } from "./buildStep";
import { ensureImage, type Log } from "./ensureImage";
import { kernelOf, sourcePackages, type LabKernel } from "./labKernel";
import { labPaths } from "./labPaths";
import { runningTargets, writeState } from "./labState";
import { runTool } from "./runTool";
import { withLock } from "./withLock";

const wanted = [
  "./usr/lib/debug/boot/*", "./usr/lib/debug/lib/modules/*/vmlinux", "./usr/lib/debug/.build-id/*",
  "*/kernel/net/netfilter/*", "*/kernel/net/ipv4/*", "*/kernel/net/ipv6/*", "*/kernel/net/core/*", "*/kernel/net/unix/*", "*/kernel/net/netlink/*",
  "*/kernel/net/sched/*", "*/kernel/net/bridge/*", "*/kernel/drivers/net/virtio_net*", "*/kernel/drivers/net/veth*", "*/kernel/drivers/net/net_failover*",
  "*/kernel/drivers/virtio/*", "*/kernel/net/packet/*", "*/kernel/net/mptcp/*",
];

async function unpackDebug(release: string, folder: string, log: Log): Promise<void> {
  const deb = await downloadPackage(`linux-image-${release}-dbg`, log);
  log(`unpacking debuginfo of ${release}`);
  mkdirSync(folder, { recursive: true });
  // tar says 2 when a pattern matches nothing (a part that is built in); what must be there is checked below.
  const unpack = 'dpkg-deb --fsys-tarfile "$DEB" | tar -x -C "$OUT" --wildcards "$@"; true';
  await runTool(["sh", "-c", unpack, "sh", ...wanted], { env: { DEB: deb, OUT: folder } });
  if (!existsSync(join(folder, "usr/lib/debug/boot", `vmlinux-${release}`))) throw new DomainError("lab/no-vmlinux", `${deb} holds no vmlinux`, deb);
  rmSync(deb, { force: true });
}

async function unpackSource(kernel: LabKernel, partial: string, log: Log): Promise<void> {
  const name = sourcePackages[kernelOf(kernel)];
  const deb = await downloadPackage(name, log);
  const folder = join(labPaths.temp, `${name}.unpacked`);
  rmSync(folder, { recursive: true, force: true });
  await runTool(["dpkg-deb", "-x", deb, folder]);
  renameSync(join(folder, "usr/src", `${name}.tar.xz`), partial);
  rmSync(folder, { recursive: true, force: true });
  rmSync(deb, { force: true });
}

/** Says in the state files of running targets what has come. */
function tellTargets(): void {
  for (const state of runningTargets()) writeState(state);
}

const releaseOf = async (kernel: LabKernel, log: Log): Promise<string> => {
  const file = join(labPaths.built(`kernel-${kernelOf(kernel)}`), "release");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : (await ensureImage(kernel, log)).release;
};

/** Brings vmlinux and module debuginfo of a kernel into the cache. Returns the root folder; usr/lib/debug/boot/vmlinux-RELEASE is below it. */
export async function ensureDebug(kernel: LabKernel, log: Log = () => undefined): Promise<string> {
  const release = await releaseOf(kernel, log);
  const folder = labPaths.built(`debug-${kernelOf(kernel)}`);
  await withLock(`debug-${kernelOf(kernel)}`, () => buildStep(folder, release, (partial) => unpackDebug(release, partial, log)), log);
  tellTargets();
  return folder;
}

/** Brings the kernel source (linux-source-N.tar.xz as Debian packs it, its patches applied) into the cache. Returns the tarball. */
export async function ensureSource(kernel: LabKernel, log: Log = () => undefined): Promise<string> {
  const release = await releaseOf(kernel, log);
  const tarball = labPaths.built(`linux-source-${kernelOf(kernel)}.tar.xz`);
  await withLock(`source-${kernelOf(kernel)}`, () => buildStep(tarball, release, (partial) => unpackSource(kernel, partial, log)), log);
  tellTargets();
  return tarball;
}

