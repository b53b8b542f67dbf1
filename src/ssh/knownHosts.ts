import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** One key of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) and where it stands. */
export interface KnownHostKey {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker?: "cert-authority" | "revoked";
  /** `ssh-ed25519`, `ssh-rsa` … */
  readonly type: string;
  /** The key as it goes over the wire. */
  readonly key: Buffer;
}

interface KnownHostLine extends KnownHostKey {
  readonly hosts: string;
}

/** The keys a file has for one host. `name` is `host` or, for a port other than 22, `[host]:port`. Unreadable lines are passed over, as OpenSSH does. */
export function findKnownHost(text: string, file: string, name: string): KnownHostKey[] {
  return text.split("\n").flatMap((line, index): KnownHostKey[] => {
    const entry = parseLine(line, file, index + 1);
    return entry && matchesHost(entry.hosts, name) ? [entry] : [];
  });
}

/** A line for a new key, with the host's name in clear or hashed (HashKnownHosts). */
export function knownHostLine(name: string, key: Buffer, hashed: boolean): string {
  return `${hashed ? hashedName(name, randomBytes(20)) : name} ${keyType(key)} ${key.toString("base64")}\n`;
}

/** `SHA256:…` as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The name at the head of a public key blob (RFC 4253, 6.6). Empty when it is damaged. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return length <= key.length - 4 && length < 100 ? key.toString("latin1", 4, 4 + length) : "";
}

function parseLine(line: string, file: string, number: number): KnownHostLine | undefined {
  const words = line.trim().split(/[ \t]+/);
  if (words[0] === "" || words[0]?.startsWith("#")) return undefined;
  const marker = /^@(cert-authority|revoked)$/.exec(words[0] ?? "")?.[1];
  if (marker !== undefined) words.shift();
  const [hosts, type, base64] = words;
  if (hosts === undefined || type === undefined || base64 === undefined || hosts.startsWith("@")) return undefined;
  const key = Buffer.from(base64, "base64");
  if (keyType(key) !== type) return undefined;
  return { file, line: number, hosts, type, key, ...(marker !== undefined && { marker: marker as "cert-authority" | "revoked" }) };
}

function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHash(hosts, name);
  const patterns = hosts.toLowerCase().split(",");
  const fits = (pattern: string): boolean => matchesPattern(pattern, name.toLowerCase());
  if (patterns.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && fits(pattern));
}

function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const [expected, own] = [Buffer.from(hash, "base64"), nameHash(name, Buffer.from(salt, "base64"))];
  return expected.length === own.length && timingSafeEqual(expected, own);
}

const nameHash = (name: string, salt: Buffer): Buffer => createHmac("sha1", salt).update(name.toLowerCase()).digest();
const hashedName = (name: string, salt: Buffer): string => `|1|${salt.toString("base64")}|${nameHash(name, salt).toString("base64")}`;

/** `*` and `?` only. Goes back to the last `*` alone, so that no pattern takes long. */
function matchesPattern(pattern: string, name: string): boolean {
  let [at, from, star, retry] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[from] === "*") {
      star = from++;
      retry = at;
    } else if (from < pattern.length && (pattern[from] === "?" || pattern[from] === name[at])) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(from));
}
