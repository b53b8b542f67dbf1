import { errorCode } from "../base/errors";

/** What to do about an error, in one or two sentences: the half of a message that the core leaves out. Every face adds it. */
export function adviceFor(error: unknown): string | undefined {
  const code = errorCode(error);
  return code === undefined ? undefined : (advice[code] ?? areaAdvice[code.split("/")[0] ?? ""]);
}

const advice: Readonly<Record<string, string>> = {
  "ssh/unknown-host": "Check the name, or add a Host entry with a HostName to ~/.ssh/config.",
  "ssh/refused": "Check that sshd runs there and that the port is right (Port in ~/.ssh/config, or user@host:port).",
  "ssh/timeout": "Check the network and firewall on the way; a ProxyJump in ~/.ssh/config goes through a bastion.",
  "ssh/unreachable": "Check the network, the VPN and the route to this host.",
  "ssh/auth-failed": "Try `ssh -v` with the same name: KNetScope uses the same configuration, agent and keys.",
  "ssh/cancelled": "Connect again when you have the answer.",
  "ssh/host-key-refused": "Compare the fingerprint with the one the host's administrator gives you, then connect again.",
  "ssh/host-key-changed": "If the host was reinstalled, remove the old key with the command above and connect again. If not, somebody may be listening: do not go on.",
  "target/link-lost": "Nothing of ours stays on the host: its supervisor ends what was running. Connect again.",
  "target/no-sudo": "Log in as root, or give this user a sudo right on the host.",
  "target/wrong-password": "Try again with the password of this user on the host.",
  "target/timeout": "The host may be overloaded; try again.",
  "target/command-not-found": "Install it on the host; Check Host lists what is missing and the command for it.",
  "target/permission-denied": "This needs root: connect as root, or as a user with a sudo right.",
  "filter/syntax": "The language is that of ss: `state established and dport = :443`, `src 10.0.0.0/8`.",
  "bpftrace/missing": "Install it on the host (Debian and Ubuntu: apt install bpftrace; Fedora and RHEL: dnf install bpftrace).",
  "bpftrace/too-old": "Install bpftrace 0.9.4 or newer on the host.",
  "bpftrace/no-kprobes": "This kernel was built without kprobes, or tracefs is not mounted there: mount -t tracefs tracefs /sys/kernel/tracing.",
  "bpftrace/no-btf": "This kernel was built without CONFIG_DEBUG_INFO_BTF; the tracer needs it to read socket fields.",
  "bpftrace/lockdown": "The kernel is locked down (confidentiality): tracing is impossible until it is booted otherwise.",
  "source/not-found": "Install the source package of this kernel (Debian: apt install linux-source) here or there, or name a tree or tarball in the setting knetscope.sources (command line: --source).",
  "source/no-such-file": "Generated files exist only in a build tree; name it in knetscope.sources.",
  "debuginfo/not-found": "Check Host shows the exact command that installs it for this distribution.",
  "debuginfo/build-id-mismatch": "Install the debuginfo of the running build, or reboot the host into the build that you have debuginfo of.",
  "debuginfo/no-such-file": "Check the path (setting knetscope.debuginfo.vmlinux, command line --vmlinux).",
};

const areaAdvice: Readonly<Record<string, string>> = {
  filter: "The language is that of ss: `state established and dport = :443`, `src 10.0.0.0/8`.",
  elf: "The file is damaged, not an ELF file, or still compressed (vmlinuz, .ko.xz); fetch the debuginfo package again.",
  dwarf: "The debuginfo is damaged or of a kind that is not read yet; fetch the debuginfo package again.",
};
