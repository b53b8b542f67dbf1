import { homedir } from "node:os";
import { join } from "node:path";

const cacheRoot = process.env["KNETSCOPE_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "knetscope");
const root = join(cacheRoot, "lab");

/** Where the lab keeps what it built and what runs. Everything is below one folder of the user's cache. */
export const labPaths = {
  root,
  keys: join(root, "keys"),
  locks: join(root, "locks"),
  /** Unfinished work; each step clears its own leftovers before it starts. */
  temp: join(root, "tmp"),
  sshConfig: join(root, "ssh_config"),
  knownHosts: join(root, "known_hosts"),
  identity: join(root, "keys", "id_ed25519"),
  /** The same rights, but the key has the passphrase of `passwords` (line `passphrase:`). */
  identityWithPassphrase: join(root, "keys", "id_passphrase"),
  passwords: join(root, "keys", "passwords"),
  passphrase: join(root, "keys", "passphrase"),
  built: (part: string): string => join(root, part),
  run: (name: string): string => join(root, "run", name),
  state: (name: string): string => join(root, `state-${name}.json`),
} as const;
