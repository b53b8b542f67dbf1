import { constants } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DomainError } from "../base/errors";
import { shellLine } from "../target/command";
import type { KnownHostKey } from "./knownHosts";
import { findKnownHost, fingerprint, keyType, knownHostLine } from "./knownHosts";
import type { SshHostConfig } from "./sshHostConfig";
import { knownHostName } from "./sshHostConfig";
import type { SshPrompts } from "./sshPrompts";

/** What our SSH library can verify, in its order of preference. */
const algorithms = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] as const;

export type HostKeyAlgorithm = (typeof algorithms)[number];

/**
 * Decides whether the key a server shows is the one of the host that was asked for, by OpenSSH's rules
 * (check_host_key in sshconnect.c): revoked and changed keys are refused, an unknown one is a question.
 */
export class HostKeyCheck {
  private constructor(
    private readonly config: SshHostConfig,
    private readonly prompts: Pick<SshPrompts, "acceptHostKey">,
    private readonly known: readonly KnownHostKey[],
  ) {}

  static async load(config: SshHostConfig, prompts: Pick<SshPrompts, "acceptHostKey">): Promise<HostKeyCheck> {
    const known: KnownHostKey[] = [];
    for (const file of [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles]) {
      known.push(...findKnownHost(await readIfThere(file), file, knownHostName(config)));
    }
    return new HostKeyCheck(config, prompts, known);
  }

  /** Kinds of keys known for the host come first, or a known host would look new because the server prefers another kind. */
  algorithms(): HostKeyAlgorithm[] {
    const types = new Set(this.trusted().map(({ type }) => type));
    const isKnown = (algorithm: HostKeyAlgorithm): boolean => types.has(algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm);
    return [...algorithms.filter(isKnown), ...algorithms.filter((algorithm) => !isKnown(algorithm))];
  }

  /** @throws DomainError `ssh/host-key-revoked`, `ssh/host-key-changed`, `ssh/host-key-refused` */
  async verify(key: Buffer): Promise<void> {
    const same = (other: KnownHostKey): boolean => other.key.equals(key);
    const revoked = this.known.find((entry) => entry.marker === "revoked" && same(entry));
    if (revoked) throw this.error("ssh/host-key-revoked", `its key ${fingerprint(key)} is marked as revoked in ${place(revoked)}`);
    if (this.trusted().some(same)) return;
    const other = this.trusted().find(({ type }) => type === keyType(key));
    if (other) throw this.changed(key, other);
    await this.acceptNew(key);
  }

  private trusted(): KnownHostKey[] {
    return this.known.filter(({ marker }) => marker === undefined);
  }

  private async acceptNew(key: Buffer): Promise<void> {
    const { strictHostKeyChecking: strict, hostName: host, port } = this.config;
    if (strict === "yes") throw this.error("ssh/host-key-refused", `its key ${fingerprint(key)} is not in known_hosts, and StrictHostKeyChecking is yes`);
    const otherTypes = [...new Set(this.trusted().map(({ type }) => type))];
    const question = { host, port, keyType: keyType(key), fingerprint: fingerprint(key), ...(otherTypes.length > 0 && { otherKnownTypes: otherTypes }) };
    const answer = strict === "ask" ? await this.prompts.acceptHostKey(question) : "always";
    if (answer === "no") throw this.error("ssh/host-key-refused", `its key ${fingerprint(key)} was not accepted`);
    if (answer === "always") await this.remember(key);
  }

  private async remember(key: Buffer): Promise<void> {
    const file = this.config.userKnownHostsFiles[0];
    if (file === undefined || file === "/dev/null") return;
    try {
      await appendLine(file, knownHostLine(knownHostName(this.config), key, this.config.hashKnownHosts));
    } catch (error) {
      throw new DomainError("ssh/known-hosts-unwritable", `the host key cannot be written: ${error instanceof Error ? error.message : String(error)}`, file);
    }
  }

  private changed(key: Buffer, old: KnownHostKey): DomainError {
    const remedy = shellLine(["ssh-keygen", "-f", old.file, "-R", knownHostName(this.config)]);
    return this.error(
      "ssh/host-key-changed",
      `its ${keyType(key)} key has changed. ${place(old)} says ${fingerprint(old.key)}; the host now shows ${fingerprint(key)}. ` +
        `Either the host was reinstalled, or this is another machine that poses as it. If you know why it changed: ${remedy}`,
    );
  }

  private error(code: string, message: string): DomainError {
    return new DomainError(code, message, this.config.name);
  }
}

const place = (entry: KnownHostKey): string => `${entry.file}:${entry.line}`;

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "EACCES", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw new DomainError("ssh/known-hosts-unreadable", error instanceof Error ? error.message : String(error), file);
  }
}

/** One write to a file opened for appending, so that two of us at once cannot mix their lines. */
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
  try {
    const { size } = await handle.stat();
    const last = size > 0 ? (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString() : "\n";
    await handle.appendFile(last === "\n" ? line : `\n${line}`);
  } finally {
    await handle.close();
  }
}
