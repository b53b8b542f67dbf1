import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildStep } from "./buildStep";
import { labPaths } from "./labPaths";
import { runTool } from "./runTool";

/** Users of the full targets with a password; each password is made for this cache folder only. */
export const passwordUsers = ["knet", "knet-nopass", "knet-plain", "knet-kbd", "knet-password"] as const;

const secret = (): string => randomBytes(12).toString("base64url");

async function makeKey(file: string, passphrase: string): Promise<void> {
  await runTool(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "knetscope-lab", "-f", file]);
}

/** Keys of the user and of the targets, and passwords: fresh for each cache folder, readable by this user only. */
export async function ensureKeys(): Promise<string> {
  if (existsSync(labPaths.keys) && existsSync(`${labPaths.keys}.stamp`)) return labPaths.keys;
  return buildStep(labPaths.keys, "1", async (folder) => {
    mkdirSync(folder, { mode: 0o700 });
    const passphrase = secret();
    await makeKey(join(folder, "id_ed25519"), "");
    await makeKey(join(folder, "id_passphrase"), passphrase);
    await makeKey(join(folder, "host_ed25519"), "");
    writeFileSync(join(folder, "passphrase"), passphrase, { mode: 0o600 });
    writeFileSync(join(folder, "passwords"), passwordUsers.map((user) => `${user}:${secret()}\n`).join(""), { mode: 0o600 });
  });
}
