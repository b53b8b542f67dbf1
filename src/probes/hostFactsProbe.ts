import type { BuildId } from "../base/brands";
import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { buildIdOfNotes } from "../elf/notes";
import type { CommandResult } from "../target/command";
import { shellScript } from "../target/command";
import type { HostFacts } from "./hostFacts";
import type { Probe } from "./probe";

/** Every program some part of KNetScope can make use of. */
export const usablePrograms = [
  "bpftrace", "perf", "perl", "python3", "ss", "gzip", "xz", "zstd", "tar", "base64", "od", "stat", "find", "dd", "sudo", "nft", "iptables",
  "iptables-nft", "iptables-legacy", "xtables-monitor", "conntrack", "modprobe", "modinfo", "nsenter", "lsns", "ip", "tc", "sysctl", "dmesg", "busybox",
] as const;

/**
 * One script, one round trip; `@name` begins a section. The supervisor adds the sbin folders to PATH, which ordinary
 * users lack. The width of a kallsyms address is the kernel's word size, whatever the user space is;
 * the ELF header of the init process or of the shell tells the byte order.
 */
const script = `bytes() {
  if command -v od >/dev/null 2>&1; then od -An -v -tx1
  elif command -v hexdump >/dev/null 2>&1; then hexdump -v -e '1/1 "%02x "'
  elif command -v xxd >/dev/null 2>&1; then xxd -p
  fi
}
echo @uname; uname -r; uname -v; uname -m
echo @kallsyms; read -r line 2>/dev/null </proc/kallsyms; echo "$line"
echo @elf; head -c 6 /proc/self/exe | bytes
echo @notes; bytes 2>/dev/null </sys/kernel/notes
echo @boot; cat /proc/sys/kernel/random/boot_id
echo @user; id -u; id -un
echo @programs; for name in "$@"; do command -v "$name"; done
echo @os; cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null
echo @end`;

/** @throws DomainError `probe/bad-answer` when the script did not come to its end or the kernel's release is missing */
export const hostFactsProbe: Probe<HostFacts> = {
  command: { argv: shellScript(script, usablePrograms) },
  parse: parseHostFacts,
};

function parseHostFacts(result: CommandResult): HostFacts {
  const sections = splitSections(Buffer.from(result.stdout).toString());
  const lines = (name: string): readonly string[] => sections.get(name) ?? [];
  const [release = "", version = "", machine = ""] = lines("uname");
  if (!sections.has("end") || release === "") throw incomplete(result);
  const header = fromHex(lines("elf"));
  const endianness: Endianness = header[5] === 2 ? "big" : "little";
  const [uid = "", user = ""] = lines("user");
  if (!/^\d+$/.test(uid)) throw incomplete(result);
  return {
    release,
    version,
    machine,
    endianness,
    wordSize: wordSize(lines("kallsyms")[0], header),
    os: parseOsRelease(lines("os")),
    ...optionalBuildId(buildIdOfNotes(fromHex(lines("notes")), endianness)),
    bootId: lines("boot")[0] ?? "",
    uid: Number(uid),
    user: user || uid,
    programs: Object.fromEntries(lines("programs").map(programEntry)),
  };
}

function incomplete(result: CommandResult): DomainError {
  const words = result.stderr.trim() || `exit status ${result.code ?? "unknown"}`;
  return new DomainError("probe/bad-answer", `the host did not tell about itself: ${words}`);
}

function splitSections(text: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("@")) sections.set(line.slice(1), (current = []));
    else if (line !== "") current.push(line);
  }
  return sections;
}

const fromHex = (lines: readonly string[]): Uint8Array => Buffer.from(lines.join("").replace(/[^0-9a-f]/g, ""), "hex");

/** Of the kernel. Without its symbols it is taken for that of the program whose ELF header is given. */
export function wordSize(kallsymsLine: string | undefined, elfHeader: Uint8Array): 4 | 8 {
  const address = /^([0-9a-f]{8}|[0-9a-f]{16}) /.exec(kallsymsLine ?? "")?.[1];
  if (address !== undefined) return address.length === 8 ? 4 : 8;
  return elfHeader[4] === 1 ? 4 : 8;
}

export const optionalBuildId = (buildId: BuildId | undefined): { buildId?: BuildId } => (buildId === undefined ? {} : { buildId });

const programEntry = (path: string): readonly [string, string] => [path.slice(path.lastIndexOf("/") + 1), path];

/** Lines of os-release(5): shell assignments, values quoted as for a shell. */
export function parseOsRelease(lines: readonly string[]): HostFacts["os"] {
  const values = new Map<string, string>();
  for (const line of lines) {
    const match = /^([A-Z0-9_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], (match[2] ?? match[3] ?? match[4] ?? "").replace(/\\(.)/g, "$1"));
  }
  const id = values.get("ID") ?? "linux";
  return { name: values.get("PRETTY_NAME") ?? values.get("NAME") ?? id, id, versionId: values.get("VERSION_ID") ?? "" };
}
