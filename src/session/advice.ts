import { errorCode } from "../base/errors";

/** What to do about an error, in one or two sentences: the half of a message that the core leaves out. Every face adds it. */
export function adviceFor(error: unknown): string | undefined {
  const code = errorCode(error);
  return code === undefined ? undefined : (advice[code] ?? areaAdvice[code.split("/")[0] ?? ""]);
}

/** By code. A test holds it against the codes of the source: none may be left over. */
export const advice: Readonly<Record<string, string>> = {
  "ssh/unknown-host": "Check the name, or add a Host entry with a HostName to ~/.ssh/config.",
  "ssh/bad-name": "A host is an alias of ~/.ssh/config, user@host[:port], or local.",
  "ssh/refused": "Check that sshd runs there and that the port is right (Port in ~/.ssh/config, or user@host:port).",
  "ssh/timeout": "Check the network and firewall on the way; a ProxyJump in ~/.ssh/config goes through a bastion.",
  "ssh/unreachable": "Check the network, the VPN and the route to this host.",
  "ssh/auth-failed": "Try `ssh -v` with the same name: KNetScope uses the same configuration, agent and keys.",
  "ssh/bad-key": "Check the key file, or name another one by IdentityFile in ~/.ssh/config.",
  "ssh/bad-passphrase": "Connect again with the right passphrase, or add the key to your agent: ssh-add.",
  "ssh/cancelled": "Connect again when you have the answer.",
  "ssh/config-error": "Correct that line of the SSH configuration; `ssh -G` with the same name shows how it is read.",
  "ssh/host-key-refused": "Compare the fingerprint with the one the host's administrator gives you, then connect again. Without a terminal nobody can be asked: connect once with ssh, or by a terminal.",
  "ssh/host-key-changed": "If the host was reinstalled, remove the old key with the command above and connect again. If not, somebody may be listening: do not go on.",
  "ssh/host-key-revoked": "The key was marked as revoked by hand in known_hosts: ask who did it before going on.",
  "ssh/forwarding-denied": "The jump host must allow forwarding (AllowTcpForwarding in its sshd_config).",
  "ssh/proxy-failed": "Run the ProxyCommand of ~/.ssh/config by hand; its own words are above.",
  "ssh/no-free-channel": "The server allows few sessions on one connection (MaxSessions in sshd_config). Close other tools that share it, or raise it.",
  "ssh/no-session": "The server allows few sessions on one connection (MaxSessions in sshd_config). Close other tools that share it, or raise it.",
  "ssh/exec-refused": "The account must be allowed to run commands: no ForceCommand, no nologin shell, no forced command on the key.",
  "target/not-linux": "Connect to a Linux host over SSH; only Linux kernels can be looked at.",
  "target/link-lost": "Nothing of ours stays on the host: its supervisor ends what was running. Connect again.",
  "target/no-sudo": "Log in as root, or give this user a sudo right on the host.",
  "target/wrong-password": "Try again with the password of this user on the host.",
  "target/timeout": "The host may be overloaded; try again.",
  "target/disposed": "Connect to the host again.",
  "target/command-not-found": "Install it on the host; Check Host lists what is missing and the command for it.",
  "target/permission-denied": "This needs root: connect as root, or as a user with a sudo right.",
  "bpftrace/missing": "Install it on the host (Debian and Ubuntu: apt install bpftrace; Fedora and RHEL: dnf install bpftrace).",
  "bpftrace/too-old": "Install bpftrace 0.9.4 or newer on the host.",
  "bpftrace/no-kprobes": "This kernel was built without kprobes, or tracefs is not mounted there: mount -t tracefs tracefs /sys/kernel/tracing.",
  "bpftrace/no-btf": "This kernel was built without CONFIG_DEBUG_INFO_BTF; the tracer needs it to read socket fields.",
  "bpftrace/no-functions": "The kernel was built without these functions, or hides its symbols (kernel.kptr_restrict).",
  "bpftrace/lockdown": "The kernel is locked down (confidentiality): tracing is impossible until it is booted otherwise.",
  "bpftrace/not-root": "Connect as root, or as a user with a sudo right.",
  "sockdiag/no-stream": "Make one with `ss -D FILE` (TCP only); its text output is none.",
  "source/not-found": "Install the source package of this kernel (Debian: apt install linux-source) here or there, or name a tree or tarball in the setting knetscope.sources (command line: --source).",
  "source/no-such-file": "Generated files exist only in a build tree; name it in knetscope.sources.",
  "source/no-such-tree": "Check the path in knetscope.sources (command line: --source).",
  "source/no-tar": "Install tar, or unpack the archive and name the folder instead.",
  "sockdiag/no-identity": "Read the sockets again through sock_diag (perl or python3 on the host).",
  "cli/kill-everything": "Name what is to be closed, for example `knetscope sockets --kill dport = :443`.",
  "cli/no-file": "Check the path.",
  "bpf/no-program": "Open a .bt file, or choose the language bpftrace for the text in the editor.",
  "cli/bad-frame": "A frame is written as in a trace: tcp_v4_rcv+0x536/0xee0, 'nf_ct_get+0x10 [nf_conntrack]', or an address.",
  "cli/no-stack": "Pipe in the text of a trace, of dmesg, or of an oops; `knetscope resolve --help` shows the forms of a frame.",
  "stacks/none": "Select the text of a trace, of dmesg or of an oops, or copy it; `knetscope stacks --help` says what is read.",
  "stacks/untraceable": "Choose a frame further out: system calls, and most functions that others call, can be traced.",
  "stacks/other-kernel": "Connect to a host that runs the kernel of the text: lines of another build would be wrong ones.",
  "symbolize/cannot-open": "Check the path (setting knetscope.debuginfo.vmlinux, command line --vmlinux).",
  "debuginfod/not-agreed": "Resolve again and agree, or install the debuginfo package; a server that answers ranges or sections needs no such download.",
  "debuginfod/redirected": "Add the address it names to knetscope.debuginfod.urls (command line: DEBUGINFOD_URLS) if you trust it.",
  "debuginfod/too-large": "Raise DEBUGINFOD_MAXSIZE, or install the debuginfo package.",
  "unpack/too-large": "Unpack it by hand and name the folder in knetscope.debuginfo.modules (command line: --modules).",
  "elf/boot-image": "A boot image has no debuginfo; name the vmlinux of the debuginfo package instead.",
};

/** For the codes of an area that have none of their own. */
export const areaAdvice: Readonly<Record<string, string>> = {
  filter: "The language is that of ss: `state established and dport = :443`, `src 10.0.0.0/8`.",
  elf: "The file is damaged, not an ELF file, or still compressed (vmlinuz); fetch the debuginfo package again.",
  dwarf: "The debuginfo is damaged or of a kind that is not read yet; fetch the debuginfo package again.",
  bytes: "The file or answer is damaged; fetch the file again, or report it with the place above.",
  bpftrace: "These are bpftrace's own words. A newer version of it on the host often helps.",
  ssh: "Try `ssh -v` with the same name: it says more about what happens on the way.",
  pump: "Check Host says what the host lacks; the log has the answer in full.",
  stacks: "The file is damaged, or of another program or version than its content says; save or export it again.",
  debuginfod: "Check the addresses in knetscope.debuginfod.urls or DEBUGINFOD_URLS, and the network on the way.",
  source: "Check the archive or tree that is named above.",
};
