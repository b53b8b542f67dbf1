import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Target } from "../../src/target/target";
import { ensureDebug } from "./ensureDebug";
import type { LabState } from "./labState";
import { labPaths } from "./labPaths";
import { qmp } from "./qmp";

/**
 * Puts a kernel's debuginfo on a running target, where Debian's package would put it: a read-only disk that is plugged in
 * and mounted at /usr/lib/debug. A host with its debuginfo installed, that is, without 800 MB in the target's memory.
 */
export async function attachDebuginfo(state: LabState, target: Target): Promise<void> {
  if (state.kernel === "bare") throw new Error("there is no debuginfo of the bare target's kernel");
  const { stdout } = await target.run({ argv: ["findmnt", "-n", "-o", "SOURCE", "/usr/lib/debug"] });
  if (stdout.length > 0) return;
  const image = debugImage(await ensureDebug(state.kernel), labPaths.built(`debug-${state.kernel}.img`));
  const node = { driver: "raw", "node-name": "debuginfo", "read-only": true, file: { driver: "file", filename: image } };
  await qmp(state.qmpSocket, "blockdev-add", node);
  await qmp(state.qmpSocket, "device_add", { driver: "virtio-blk-pci", drive: "debuginfo", id: "debuginfo", serial: "debuginfo" });
  const script = `mkdir -p /usr/lib/debug
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  disk=$(grep -l debuginfo /sys/block/*/serial 2>/dev/null | cut -d/ -f4)
  [ -n "$disk" ] && mount -o ro /dev/$disk /usr/lib/debug && exit 0
  sleep 0.5
done
echo "the disk did not appear" >&2; exit 1`;
  const mounted = await target.run({ argv: ["sh", "-c", script], privilege: "root" });
  if (mounted.code !== 0) throw new Error(`debuginfo cannot be mounted on ${target.name}: ${mounted.stderr}`);
}

/** ext4 of what the debug package has below usr/lib/debug; made once. */
function debugImage(folder: string, image: string): string {
  if (existsSync(image)) return image;
  const content = join(folder, "usr/lib/debug");
  const megabytes = Math.ceil((Number(execFileSync("du", ["-sm", content], { encoding: "utf8" }).split("\t")[0]) + 32) * 1.02);
  mkdirSync(dirname(image), { recursive: true });
  const temporary = `${image}.${process.pid}`;
  try {
    execFileSync("mke2fs", ["-q", "-t", "ext4", "-O", "^has_journal", "-d", content, temporary, `${megabytes}M`], { env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` } });
    renameSync(temporary, image);
  } finally {
    rmSync(temporary, { force: true });
  }
  return image;
}
