import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { endianness, machine, release, userInfo, version } from "node:os";
import { buildIdOfNotes } from "../elf/notes";
import type { HostFacts } from "./hostFacts";
import { optionalBuildId, parseOsRelease, usablePrograms, wordSize } from "./hostFactsProbe";

/** As the supervisor sets them for commands. */
const adminFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** What `hostFactsProbe` tells, of this machine and without starting anything. */
export function localHostFacts(): HostFacts {
  const order = endianness() === "BE" ? "big" : "little";
  return {
    release: release(),
    version: version(),
    machine: machine(),
    endianness: order,
    wordSize: wordSize(head("/proc/kallsyms", 64).toString("latin1").split("\n")[0], head("/proc/self/exe", 6)),
    os: parseOsRelease((text("/etc/os-release") ?? text("/usr/lib/os-release") ?? "").split("\n")),
    ...optionalBuildId(buildIdOfNotes(head("/sys/kernel/notes", 1 << 16), order)),
    bootId: (text("/proc/sys/kernel/random/boot_id") ?? "").trim(),
    ...user(),
    programs: usable(),
  };
}

function usable(): HostFacts["programs"] {
  const folders = programFolders();
  return Object.fromEntries(usablePrograms.flatMap((name) => find(name, folders)));
}

/** A number without a name, as containers have them, makes userInfo fail. */
function user(): { readonly uid: number; readonly user: string } {
  const uid = process.getuid?.() ?? 0;
  try {
    return { uid, user: userInfo().username };
  } catch {
    return { uid, user: String(uid) };
  }
}

function find(name: string, folders: readonly string[]): readonly (readonly [string, string])[] {
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    if (isProgram(path)) return [[name, path]];
  }
  return [];
}

const programFolders = (): readonly string[] => [...new Set([...(process.env["PATH"] ?? "").split(":"), ...adminFolders])].filter((folder) => folder.startsWith("/"));

function isProgram(path: string): boolean {
  // Most of the hundreds of paths name nothing, and an error is far more costly than to ask.
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The first bytes of a file, none where it cannot be read. */
function head(path: string, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  try {
    const file = openSync(path, "r");
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return bytes.subarray(0, 0);
  }
}
