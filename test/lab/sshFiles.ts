import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labPaths } from "./labPaths";
import { runningTargets, type LabState, type LabUser } from "./labState";
import { withLock } from "./withLock";

function hostBlock(alias: string, lines: readonly string[]): string {
  return [`Host ${alias}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

const keyLines = (user: LabUser): string[] => {
  if (user.identityFile !== undefined) return [`IdentityFile ${user.identityFile}`, "IdentitiesOnly yes"];
  return ["PubkeyAuthentication no", `PreferredAuthentications ${user.accepts}`];
};

function blocks(state: LabState): string[] {
  const common = [`UserKnownHostsFile ${labPaths.knownHosts}`, "GlobalKnownHostsFile /dev/null", "StrictHostKeyChecking yes"];
  const direct = [`HostName ${state.host}`, `Port ${state.port}`, ...common];
  const users = state.users.map((user) => hostBlock(user.name === "root" ? state.alias : `${state.alias}-${user.name}`, [...direct, `User ${user.name}`, ...keyLines(user)]));
  const jump = hostBlock(`${state.alias}-jump`, [
    "HostName 127.0.0.1", "Port 22", ...common, "User root", `IdentityFile ${state.identityFile}`, "IdentitiesOnly yes", `ProxyJump ${state.alias}`,
  ]);
  return [...users, jump];
}

function replaceFile(file: string, content: string): void {
  writeFileSync(`${file}.part`, content, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

function writeFiles(): void {
  const targets = runningTargets();
  replaceFile(labPaths.sshConfig, ["# Written by `npm run lab`: the targets that run now.", "", ...targets.flatMap(blocks)].join("\n"));
  const key = readFileSync(join(labPaths.keys, "host_ed25519.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  // The last line is the target as it sees itself, behind ALIAS-jump.
  replaceFile(labPaths.knownHosts, [...targets.map((state) => `[${state.host}]:${state.port} ${key}`), `127.0.0.1 ${key}`, ""].join("\n"));
}

/** Writes ssh_config and known_hosts anew for the targets that run now. */
export async function updateSshFiles(log: (line: string) => void): Promise<void> {
  await withLock("ssh-files", () => {
    writeFiles();
    return Promise.resolve();
  }, log);
}
