import { execFile } from "node:child_process";
import { platform } from "node:os";
import { DomainError } from "../base/errors";
import { readSshConfigFiles } from "./sshConfigFiles";
import type { Destination } from "./destination";
import { parseDestination } from "./destination";
import type { SshHostConfig, SshOptions } from "./sshHostConfig";
import { sshHostConfig } from "./sshHostConfig";

/**
 * The configuration of one host. The OpenSSH client of this machine is asked (`ssh -G`), which is exactly
 * what people's ssh does: Include, Match, tokens, system-wide files. Where there is none, the files are read here.
 *
 * @throws DomainError `ssh/bad-name`, `ssh/config-error` with the file and line that ssh complains about
 */
export async function readSshConfig(name: string, configFile?: string): Promise<SshHostConfig> {
  const destination = parseDestination(name);
  const options = (await askOpenSsh(destination, configFile)) ?? (await readSshConfigFiles(destination, configFile));
  return sshHostConfig(name, destination, options);
}

/** undefined when this machine has no `ssh`. */
function askOpenSsh({ host, user, port }: Destination, configFile?: string): Promise<SshOptions | undefined> {
  const argv = ["-G", ...(configFile === undefined ? [] : ["-F", configFile]), ...(port === undefined ? [] : ["-p", String(port)])];
  argv.push("--", user === undefined ? host : `${user}@${host}`);
  return new Promise((resolve, reject) => {
    execFile(platform() === "win32" ? "ssh.exe" : "ssh", argv, { timeout: 20_000, windowsHide: true }, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") resolve(undefined);
      else if (error) reject(new DomainError("ssh/config-error", stderr.trim() || error.message, configFile ?? "~/.ssh/config"));
      else resolve(parseOptions(stdout));
    });
  });
}

/** `keyword value…` a line. */
function parseOptions(text: string): SshOptions {
  const options = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(" ");
    if (space <= 0) continue;
    const key = line.slice(0, space).toLowerCase();
    options.set(key, [...(options.get(key) ?? []), line.slice(space + 1)]);
  }
  return options;
}
