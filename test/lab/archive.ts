import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "../../src/base/errors";
import { labPaths } from "./labPaths";
import { runTool, tryTool } from "./runTool";

/** The release whose archive the lab is made of; kernels 6.1 and 6.12 are both in it. */
export const suite = "bookworm";

// Own lists and cache: no rights are needed, and the machine's apt is left as it is. Its sources and keys are used.
const state = (): string => join(labPaths.root, "apt");
function aptOptions(): string[] {
  const folder = state();
  mkdirSync(join(folder, "lists", "partial"), { recursive: true });
  mkdirSync(join(folder, "cache", "archives", "partial"), { recursive: true });
  return ["-q", "-o", `Dir::State=${folder}`, "-o", `Dir::Cache=${join(folder, "cache")}`, "-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "APT::Sandbox::User="];
}

const isKnown = async (name: string): Promise<boolean> =>
  (await tryTool(["apt-cache", ...aptOptions(), "show", "--no-all-versions", name])).stdout.includes("Package: ");

async function requireKnown(name: string, log: (line: string) => void): Promise<void> {
  if (await isKnown(name)) return;
  log("reading the package lists");
  await runTool(["apt-get", ...aptOptions(), "update"]);
  if (await isKnown(name)) return;
  throw new DomainError("lab/package-unknown", `apt knows no package ${name}; the lab needs the sources of Debian 12 (${suite}, with its security suite)`, name);
}

/** The package a kernel meta package stands for now: linux-image-cloud-amd64 → linux-image-6.1.0-NN-cloud-amd64. */
export async function resolveMetaPackage(meta: string, log: (line: string) => void): Promise<string> {
  await requireKnown(meta, log);
  const depends = await runTool(["apt-cache", ...aptOptions(), "depends", "--no-recommends", "--no-suggests", meta]);
  const found = /^ *Depends: (linux-image\S+)/m.exec(depends)?.[1];
  if (found === undefined) throw new DomainError("lab/package-unknown", `${meta} names no kernel package`, meta);
  return found;
}

async function downloadInto(name: string, folder: string, log: (line: string) => void): Promise<void> {
  const argv = ["apt-get", ...aptOptions(), "download", name];
  if ((await tryTool(argv, { cwd: folder })).code === 0) return;
  // The lists may be older than the archive.
  await runTool(["apt-get", ...aptOptions(), "update"]);
  log(`downloading ${name} again`);
  await runTool(argv, { cwd: folder });
}

/** Fetches a package into the cache, once. Returns the path of the .deb; apt checks what it fetched against the signed
 * lists. Two callers at once must not ask for the same package: each holds the lock of what it builds. */
export async function downloadPackage(name: string, log: (line: string) => void): Promise<string> {
  const debs = join(labPaths.root, "debs");
  mkdirSync(debs, { recursive: true });
  const cached = readdirSync(debs).find((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"));
  if (cached !== undefined) return join(debs, cached);
  await requireKnown(name, log);
  log(`downloading ${name}`);
  const folder = join(labPaths.temp, `download-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await downloadInto(name, folder, log);
    const file = readdirSync(folder).find((entry) => entry.endsWith(".deb"));
    if (file === undefined) throw new DomainError("lab/download-failed", `apt-get download ${name} left no package`, name);
    renameSync(join(folder, file), join(debs, file));
    return join(debs, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
