/** As arm64 prints it (arch/arm64/kernel/traps.c), of a kernel that no lab host runs. */
export const arm64Oops = `[  842.118233] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018
[  842.118251] Mem abort info:
[  842.118254]   ESR = 0x0000000096000005
[  842.118260] Internal error: Oops: 0000000096000005 [#1] PREEMPT SMP
[  842.118266] Modules linked in: nf_tables nfnetlink veth bridge stp llc
[  842.118291] CPU: 2 PID: 0 Comm: swapper/2 Not tainted 6.6.31+rpt-rpi-v8 #1  Debian 1:6.6.31-1+rpt1
[  842.118298] Hardware name: Raspberry Pi 4 Model B Rev 1.4 (DT)
[  842.118301] pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
[  842.118306] pc : tcp_v4_rcv+0x8c4/0xd20
[  842.118318] lr : tcp_v4_rcv+0x8a0/0xd20
[  842.118324] sp : ffffffc080013b60
[  842.118327] x29: ffffffc080013b60 x28: 0000000000000000 x27: ffffff8041c2a300
[  842.118360] Call trace:
[  842.118363]  tcp_v4_rcv+0x8c4/0xd20
[  842.118369]  ip_protocol_deliver_rcu+0x4c/0x248
[  842.118377]  ip_local_deliver_finish+0x7c/0xf8
[  842.118384]  nf_hook_slow+0x4c/0x100 [nf_tables]
[  842.118391]  process_backlog+0x10c/0x248
[  842.118398]  net_rx_action+0x128/0x348
[  842.118404]  __do_softirq+0x10c/0x330
[  842.118410]  ret_from_fork+0x10/0x20
[  842.118417] Code: f9400c21 b4000061 f9400c20 (f9400c01)
[  842.118424] ---[ end trace 0000000000000000 ]---
`;

/** As a kernel with CONFIG_STACKTRACE_BUILD_ID prints it. */
export const otherKernelOops = (buildId: string): string => `[   12.118301] WARNING: CPU: 0 PID: 473 at net/ipv4/tcp_ipv4.c:2212 tcp_v4_rcv+0x99b/0x1380
[   12.118302] CPU: 0 PID: 473 Comm: curl Not tainted 6.12.117+deb12-cloud-amd64 #1 ${buildId} Debian 6.12.117-1~bpo12+1
[   12.118303] Call Trace:
[   12.118304]  <TASK>
[   12.118305]  ip_local_deliver_finish+0x72/0x93
[   12.118306]  process_backlog+0x81/0x12d
[   12.118307]  </TASK>
`;

const names = ["tcp_v4_rcv+0x99b/0xee0", "ip_protocol_deliver_rcu+0x32/0x1d0", "ip_local_deliver_finish+0x72/0x90", "__netif_receive_skb_one_core+0x89/0xa0", "process_backlog+0x81/0x120"];
const rest = ["__napi_poll+0x2b/0x160", "net_rx_action+0x2a5/0x360", "__do_softirq+0xed/0x2f0", "do_softirq.part.0+0x97/0xc0", "__local_bh_enable_ip+0x78/0x90", "ip_finish_output2+0x187/0x560"];
const outer = ["__ip_queue_xmit+0x171/0x460", "__tcp_transmit_skb+0xa27/0xbf0", "tcp_connect+0xb25/0xe70", "tcp_v4_connect+0x3f8/0x540", "__inet_stream_connect+0xc2/0x390", "inet_stream_connect+0x36/0x60", "__sys_connect+0x9f/0xd0", "__x64_sys_connect+0x14/0x20", "do_syscall_64+0x5d/0x90", "entry_SYSCALL_64_after_hwframe+0x6e/0xd8"];

/** A journal of `bytes` bytes or a little more, with this many traces spread over it, as a busy machine writes it. */
export function longLog(bytes: number, stacks: number): string {
  const lines: string[] = [];
  let length = 0;
  const add = (text: string): void => {
    lines.push(text);
    length += text.length + 1;
  };
  for (let stack = 0; stack < stacks; stack++) {
    const prefix = `Nov 21 ${clock(stack)} web1 kernel: [${String(1000 + stack).padStart(7)}.456789]`;
    add(`${prefix} WARNING: CPU: 0 PID: 473 at net/ipv4/tcp_ipv4.c:1993 tcp_v4_rcv+0x99b/0xee0`);
    add(`${prefix} CPU: 0 PID: 473 Comm: curl Not tainted 6.1.0-56-cloud-amd64 #1  Debian 6.1.192-2`);
    add(`${prefix} Call Trace:`);
    add(`${prefix}  <TASK>`);
    for (const [index, name] of [...names, ...rest, ...outer].entries()) add(`${prefix}  ${index % 7 === 6 ? "? " : ""}${name}`);
    add(`${prefix}  </TASK>`);
    for (let index = 0; length < (bytes * (stack + 1)) / stacks; index++) {
      add(`Nov 21 ${clock(stack)} web1 nginx[${1200 + (index % 9)}]: 10.0.${stack % 250}.${index % 250} - - "GET /items/${index}?a=b+0x${index.toString(16)} HTTP/1.1" 200 ${612 + index} "-" "curl/7.88.1"`);
    }
  }
  add("Nov 21 23:59:59 web1 systemd[1]: end of the log");
  return `${lines.join("\n")}\n`;
}

const two = (value: number): string => String(value).padStart(2, "0");
const clock = (stack: number): string => `${two(Math.floor(stack / 3600) + 20)}:${two(Math.floor(stack / 60) % 60)}:${two(stack % 60)}`;
