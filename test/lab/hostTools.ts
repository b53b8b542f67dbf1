import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { DomainError } from "../../src/base/errors";
import { runTool, tryTool } from "./runTool";

/** Programs the lab calls on this machine, with the Debian package of each. */
const packageOf: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  mmdebstrap: "mmdebstrap",
  busybox: "busybox-static",
  cpio: "cpio",
  depmod: "kmod",
  modprobe: "kmod",
  mke2fs: "e2fsprogs",
  xz: "xz-utils",
  ssh: "openssh-client",
  "ssh-keygen": "openssh-client",
  debuginfod: "debuginfod",
  "debuginfod-find": "debuginfod",
  flock: "util-linux",
  unshare: "util-linux",
};

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Mapping more than one user id needs a helper with privileges; root needs none. */
const needed = (): string[] => [...Object.keys(packageOf), ...(isRoot() ? [] : ["newuidmap"])];

// An ordinary user's PATH often lacks the sbin folders, where depmod and mke2fs are.
process.env["PATH"] = [process.env["PATH"] ?? "", "/usr/sbin", "/sbin"].join(delimiter);

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs what is missing on this machine, as root or by sudo without a password; else says the command to run. */
export async function ensureHostTools(log: (line: string) => void): Promise<void> {
  const missing = needed().filter((program) => !isOnPath(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => packageOf[program] ?? "uidmap"))];
  const command = ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
  const advice = `sudo ${command.join(" ")}`;
  if (!isOnPath("apt-get")) throw new DomainError("lab/missing-tools", `the lab needs ${missing.join(", ")}, and Debian's apt to build its images`);
  const prefix = isRoot() ? [] : ["sudo", "-n"];
  if (!isRoot() && (!isOnPath("sudo") || (await tryTool(["sudo", "-n", "true"])).code !== 0)) {
    throw new DomainError("lab/missing-tools", `the lab needs ${missing.join(", ")}; install them with: ${advice}`);
  }
  log(`installing ${packages.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const first = await tryTool([...prefix, ...command], { env });
  if (first.code === 0) return;
  await runTool([...prefix, "apt-get", "update"], { env });
  await runTool([...prefix, ...command], { env });
}
