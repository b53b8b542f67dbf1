/** All that a debugger must know to look into a kernel that QEMU runs with `-gdb tcp:127.0.0.1:PORT`. */
export interface DebugPlan {
  /** What the configuration is called. */
  readonly name: string;
  /** uname -r of the kernel. */
  readonly release: string;
  /** vmlinux with debug information, on this machine. */
  readonly vmlinux: string;
  /** HOST:PORT of QEMU's gdb stub. */
  readonly address: string;
  /** Where it is to stop first. */
  readonly function: string;
  /** gdb's name of the machine; absent where gdb learns it from vmlinux alone. */
  readonly architecture?: string;
  /** A folder with the kernel source; absent: gdb names lines and cannot show them. */
  readonly sourceFolder?: string;
  /** What the debug information calls that folder. */
  readonly buildFolder?: string;
}

/** gdb's names, from bfd/cpu-*.c of binutils, by `uname -m`. QEMU's stub alone would say the mode in which the processor is at that moment. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: "i386:x86-64", i686: "i386", i586: "i386", aarch64: "aarch64", armv7l: "arm", riscv64: "riscv:rv64", s390x: "s390:64-bit", ppc64le: "powerpc:common64", ppc64: "powerpc:common64",
};

export const gdbArchitecture = (machine: string): string | undefined => architectures[machine];

/** `127.0.0.1:1234`, `localhost:1234`, `[::1]:1234`, or `:1234` for this machine; undefined for anything else. */
export function parseStubAddress(text: string): string | undefined {
  const [, host = "", port = ""] = /^([A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(text.trim()) ?? [];
  if (Number(port) < 1 || Number(port) > 65_535) return undefined;
  return `${host === "" ? "127.0.0.1" : host}:${Number(port)}`;
}

/** A function's name as the symbol table has it, `tcp_v4_rcv` or `tcp_send.part.0`. */
export const isFunctionName = (text: string): boolean => /^[A-Za-z_][\w.]*$/.test(text);
