/** Lines of a kernel log as they look between its reports, and a report as x86 prints it. */

export const noise = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `Nov 21 22:25:${String(index % 60).padStart(2, "0")} web1 nginx[${index}]: 10.0.0.${index % 250} "GET /a+b HTTP/1.1" 200 R10: 00 x29: ffff`);

const names = ["tcp_v4_rcv", "ip_rcv", "nft_do_chain", "process_backlog", "do_syscall_64", "__sys_sendto"];

/** A WARN with `frames` frames below the one of RIP. */
export function warning(frames: number): string[] {
  const [stamp, later] = ["[  123.456789]", "[  123.456801]"];
  const trace = Array.from({ length: frames }, (_, index) => `${stamp}  ${index % 4 === 3 ? "? " : ""}${names[index % names.length] ?? ""}+0x${(index + 16).toString(16)}/0x400${index % 3 === 2 ? " [nf_tables]" : ""}`);
  return [
    `${stamp} ------------[ cut here ]------------`,
    `${stamp} WARNING: CPU: 0 PID: 12 at net/ipv4/tcp.c:2999 tcp_close+0x1a/0x80`,
    `${stamp} Modules linked in: nf_tables(E) virtio_net`,
    `${stamp} CPU: 0 PID: 12 Comm: curl Not tainted 6.1.0-56-cloud-amd64 #1  Debian 6.1.192-2`,
    `${stamp} RIP: 0010:tcp_close+0x1a/0x80`,
    `${stamp} Code: 40 00 48 8b 15 b1 aa 0d 00 f7`,
    `${stamp} RSP: 0018:ffffa EFLAGS: 00010202`,
    `${stamp} R10: 0000000000000000 R11: 0000000000000202 R12: 0000000000000002`,
    `${stamp} Call Trace:`,
    `${stamp}  <TASK>`,
    ...trace,
    `${later}  </TASK>`,
    `${later} ---[ end trace 0000000000000000 ]---`,
    `${later} RIP: 0010:tcp_close+0x1a/0x80`,
    `${later} Code: 40 00 48 8b 15 b1 aa 0d 00 f7`,
  ];
}
