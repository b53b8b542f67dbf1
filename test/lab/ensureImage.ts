/**
 * Builds what a target boots from, into the cache folder: a kernel folder for each kernel (vmlinuz, initrd, modules), a
 * Debian root as a tar, one disk image with the modules of both kernels, and the bare target's initrd. Each is a step with
 * a stamp (buildStep.ts), all under one lock. Kernel versions come from Debian's meta packages when a kernel folder is
 * first made; it stays at that version until the folder is removed, because debuginfo and sources must match it.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { downloadPackage, resolveMetaPackage, suite } from "./archive";
import { buildStep, digest } from "./buildStep";
import { ensureKeys } from "./ensureKeys";
import { ensureHostTools, isRoot } from "./hostTools";
import { fullKernels, kernelOf, metaPackages, type FullKernel, type LabKernel } from "./labKernel";
import { labPaths } from "./labPaths";
import { runTool } from "./runTool";
import { withLock } from "./withLock";

const packages = [
  "openssh-server", "bpftrace", "iproute2", "iptables", "nftables", "conntrack", "linux-perf", "python3-minimal", "perl-base",
  "netcat-openbsd", "sudo", "kmod", "procps", "tcpdump", "strace",
];
const barePackages = ["busybox-static", "dropbear-bin", "libtomcrypt1", "libtommath1", "libc6", "libcrypt1", "zlib1g", "libgmp10"];

export type Log = (line: string) => void;

/** What qemu needs to boot a target. `disk` is absent for the bare one, which lives in its initrd. */
export interface LabImage {
  readonly kernel: LabKernel;
  readonly release: string;
  readonly vmlinuz: string;
  readonly initrd: string;
  readonly disk?: string;
  /** lib/modules/RELEASE as the target has it, on this machine. */
  readonly modulesDir: string;
}

const imageFile = (name: string): string => join(import.meta.dirname, "image", name);
const text = (name: string): string => readFileSync(imageFile(name), "utf8");
const kernelFolder = (kernel: FullKernel): string => labPaths.built(`kernel-${kernel}`);
const diskFile = labPaths.built("disk.img");
const bareFolder = labPaths.built("bare");

/** For programs that must see themselves as root: real root, or the root of a user namespace. */
const asRoot = (argv: readonly string[]): string[] => (isRoot() ? [...argv] : ["unshare", "--map-root-user", "--map-auto", "--", ...argv]);

async function buildKernel(kernel: FullKernel, log: Log): Promise<string> {
  const folder = kernelFolder(kernel);
  const key = digest(text("buildKernel.sh"), text("initrdInit"));
  return buildStep(folder, key, async (partial) => {
    const release = existsSync(join(folder, "release")) ? readFileSync(join(folder, "release"), "utf8").trim() : undefined;
    const name = release === undefined ? await resolveMetaPackage(metaPackages[kernel], log) : `linux-image-${release}`;
    const deb = await downloadPackage(name, log);
    log(`unpacking kernel ${name}`);
    await runTool(["sh", imageFile("buildKernel.sh"), partial, deb, (await runTool(["sh", "-c", "command -v busybox"])).trim()]);
  });
}

async function buildDisk(log: Log): Promise<void> {
  const kernels: string[] = [];
  for (const kernel of fullKernels) kernels.push(await buildKernel(kernel, log));
  const tarKey = digest(text("buildRoot.sh"), suite, packages.join(","));
  const tar = await buildStep(labPaths.built("root.tar"), tarKey, async (partial) => {
    log("building the Debian root (a minute or two)");
    await runTool(["sh", imageFile("buildRoot.sh"), partial, suite, packages.join(",")], { env: { TMPDIR: labPaths.temp } });
  });
  const releases = kernels.map((folder) => readFileSync(join(folder, "release"), "utf8") + readFileSync(`${folder}.stamp`, "utf8"));
  const key = digest(tarKey, text("buildDisk.sh"), text("labinit"), text("sshd.conf"), readFileSync(join(labPaths.keys, "host_ed25519.pub")), ...releases);
  await buildStep(diskFile, key, async (partial) => {
    log("writing the disk image");
    await runTool(asRoot(["sh", imageFile("buildDisk.sh"), partial, tar, labPaths.keys, ...kernels]));
  });
}

async function buildBare(log: Log): Promise<void> {
  const kernel = await buildKernel(kernelOf("bare"), log);
  const key = digest(text("buildBare.sh"), text("bareInit"), readFileSync(join(labPaths.keys, "host_ed25519.pub")), readFileSync(join(kernel, "release")));
  await buildStep(bareFolder, key, async (partial) => {
    log("building the bare target");
    const debs = join(labPaths.temp, "bare-packages");
    rmSync(debs, { recursive: true, force: true });
    mkdirSync(debs, { recursive: true });
    for (const name of barePackages) await runTool(["dpkg-deb", "-x", await downloadPackage(name, log), debs]);
    await runTool(["sh", imageFile("buildBare.sh"), partial, kernel, labPaths.keys, debs]);
    rmSync(debs, { recursive: true, force: true });
  });
}

/** Builds what is missing for this target and returns where it is. Does nothing when it is there. */
export async function ensureImage(kernel: LabKernel, log: Log = () => undefined): Promise<LabImage> {
  await ensureHostTools(log);
  await withLock("build", async () => {
    await ensureKeys();
    if (kernel === "bare") await buildBare(log);
    else await buildDisk(log);
  }, log);
  const folder = kernelFolder(kernelOf(kernel));
  return {
    kernel,
    release: readFileSync(join(folder, "release"), "utf8").trim(),
    vmlinuz: join(folder, "vmlinuz"),
    initrd: kernel === "bare" ? join(bareFolder, "initrd.gz") : join(folder, "initrd.gz"),
    ...(kernel === "bare" ? {} : { disk: diskFile }),
    modulesDir: join(folder, "modules"),
  };
}
