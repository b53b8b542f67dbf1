import { readFile } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { DomainError } from "../base/errors";
import type { SshPrompts } from "./sshPrompts";

export type SignatureHash = "sha1" | "sha256" | "sha512" | undefined;

/** A key we can prove to have: from an agent or a file. Its private half is touched only when the server accepted the public one. */
export interface Identity {
  readonly publicKey: ParsedKey;
  /** `agent` or the file, for the sentence that says what was tried. */
  readonly origin: string;
  sign(data: Buffer, hash: SignatureHash): Promise<Buffer>;
}

const attempts = 3;

/**
 * The identity of a private key file; undefined when there is no such file. A `.pub` beside it or the
 * public half inside of it (OpenSSH's own format keeps that in clear) saves asking for a passphrase too early.
 *
 * @throws DomainError `ssh/bad-key`
 */
export async function fileIdentity(file: string, prompts: Pick<SshPrompts, "passphrase">): Promise<Identity | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  let decrypted: Promise<ParsedKey> | undefined;
  const privateKey = (): Promise<ParsedKey> => (decrypted ??= unlock(file, text, prompts));
  const publicKey = parsed(text) ?? parsed((await readIfThere(`${file}.pub`)) ?? "") ?? parsed(publicHalf(text) ?? Buffer.alloc(0)) ?? (await privateKey());
  return { publicKey, origin: file, sign: async (data, hash) => signWith(await privateKey(), data, hash, file) };
}

/** The public key that a file shows without asking anybody: to pick it from an agent's keys. */
export async function publicKeyOfFile(file: string): Promise<ParsedKey | undefined> {
  const text = (await readIfThere(file)) ?? "";
  return parsed((await readIfThere(`${file}.pub`)) ?? "") ?? parsed(text) ?? parsed(publicHalf(text) ?? Buffer.alloc(0));
}

async function unlock(file: string, text: string, prompts: Pick<SshPrompts, "passphrase">): Promise<ParsedKey> {
  const plain = ssh2.utils.parseKey(text);
  if (!(plain instanceof Error)) return single(plain);
  if (!/encrypted|passphrase/i.test(plain.message)) throw new DomainError("ssh/bad-key", plain.message, file);
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const passphrase = await prompts.passphrase({ keyFile: file, attempt });
    if (passphrase === undefined) throw new DomainError("ssh/cancelled", "the passphrase was not given", file);
    const key = ssh2.utils.parseKey(text, passphrase);
    if (!(key instanceof Error)) return single(key);
  }
  throw new DomainError("ssh/bad-passphrase", `the passphrase was wrong ${attempts} times`, file);
}

function signWith(key: ParsedKey, data: Buffer, hash: SignatureHash, file: string): Buffer {
  if (!key.isPrivateKey()) throw new DomainError("ssh/bad-key", "holds a public key only, and no agent has its private half", file);
  const signature: Buffer | Error = key.sign(data, hash);
  if (signature instanceof Error) throw new DomainError("ssh/bad-key", signature.message, file);
  return signature;
}

/** parseKey gives a list for the old multi-key formats; there is only ever one in it. */
const single = (key: ParsedKey | ParsedKey[]): ParsedKey => (Array.isArray(key) ? (key[0] as ParsedKey) : key);

function parsed(text: string | Buffer): ParsedKey | undefined {
  if (text.length === 0) return undefined;
  const key = ssh2.utils.parseKey(text);
  return key instanceof Error ? undefined : single(key);
}

/** PROTOCOL.key of OpenSSH: magic, cipher, kdf, kdf options, number of keys, public key (each a string but the number). */
function publicHalf(text: string): Buffer | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  let offset = "openssh-key-v1\0".length;
  const next = (): Buffer | undefined => {
    const end = offset + 4 + (offset + 4 <= bytes.length ? bytes.readUInt32BE(offset) : Infinity);
    if (end > bytes.length) return undefined;
    const part = bytes.subarray(offset + 4, end);
    offset = end;
    return part;
  };
  for (let skipped = 0; skipped < 3; skipped++) if (!next()) return undefined;
  offset += 4;
  return next();
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new DomainError("ssh/bad-key", error instanceof Error ? error.message : String(error), file);
  });
}
