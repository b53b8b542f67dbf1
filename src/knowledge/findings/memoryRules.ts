/** Memory of TCP, orphans, TIME-WAIT entries: tables that are full end connections or forget them. */
import { facts, setting, share, type NamespaceEvidence, type Problem, type ProblemRule } from "./problem";

/** From here on a table is worth a warning. */
const nearlyFull = 0.8;

const pressure: ProblemRule = (look) => {
  const [pages, from, most] = [look.sockets["TCP.mem"], look.settings["ipv4.tcp_mem.1"], look.settings["ipv4.tcp_mem.2"]];
  const entered = look.rises["TcpExtTCPMemoryPressures"] ?? 0;
  const over = pages !== undefined && from !== undefined && pages >= from;
  if (!over && entered === 0) return undefined;
  const use = pages === undefined || from === undefined ? [] : [`TCP holds ${pages} pages; pressure begins at ${from}, ${most ?? "an unknown number"} is the most (net.ipv4.tcp_mem).`];
  return {
    id: "tcp-memory-pressure",
    severity: "error",
    title: `TCP is ${over ? "" : "again and again "}under memory pressure${look.place}`,
    detail: "Above the middle number of tcp_mem the kernel shrinks receive windows and throws queued data away; above the last one it refuses memory and resets orphans. Find the sockets that hold most: many slow readers, or many idle connections with data in their queues.",
    evidence: [...use, ...facts(look, "TcpExtTCPMemoryPressures", "TcpExtRcvPruned", "TcpExtOfoPruned", "TcpExtTCPAbortOnMemory")],
    ...(most !== undefined && from !== undefined && { remedy: setting(look, "ipv4.tcp_mem", `${from} ${Math.round(from * 1.5)} ${most * 2}`, "Give TCP more memory", "The memory is taken from everything else on this host.") }),
    citation: "tcp_enter_memory_pressure, net/ipv4/tcp.c; __sk_mem_raise_allocated, net/core/sock.c",
  };
};

const pruned: ProblemRule = (look) => {
  const names = ["TcpExtRcvPruned", "TcpExtOfoPruned", "TcpExtTCPRcvQDrop", "TcpExtTCPOFODrop"];
  if (facts(look, ...names).length === 0 || (look.rises["TcpExtTCPMemoryPressures"] ?? 0) > 0) return undefined;
  return {
    id: "receive-buffer-full",
    severity: "warning",
    title: `Received data was thrown away: receive buffers are full${look.place}`,
    detail: "A program reads more slowly than its peer sends, and the segments waiting for it outgrew the socket's buffer. The peer sends them again. Look for sockets with a large Recv-Q.",
    evidence: facts(look, ...names, "TcpExtPruneCalled"),
    citation: "tcp_prune_queue and tcp_try_rmem_schedule, net/ipv4/tcp_input.c",
  };
};

const orphans: ProblemRule = (look) => {
  const [now, most] = [look.sockets["TCP.orphan"], look.settings["ipv4.tcp_max_orphans"]];
  const aborted = look.rises["TcpExtTCPAbortOnMemory"] ?? 0;
  const many = now !== undefined && most !== undefined && most > 0 && now >= most * nearlyFull;
  if (!many && aborted === 0) return undefined;
  return {
    id: "orphans",
    severity: aborted > 0 ? "error" : "warning",
    title: aborted > 0 ? `${aborted} closed connections were reset for lack of resources${look.place}` : `Orphans nearly at their limit${look.place}: ${now ?? 0} of ${most ?? 0}`,
    detail: "Orphans are connections that a program has closed while data is still to be delivered or the peer has not closed. Beyond tcp_max_orphans, or under memory pressure, the kernel resets them and their data is lost. Peers that never read or never close make many.",
    evidence: [...(now === undefined || most === undefined ? [] : [`Orphans: ${now} of ${most} (net.ipv4.tcp_max_orphans), ${share(now, Math.max(most, 1))}.`]), ...facts(look, "TcpExtTCPAbortOnMemory")],
    ...(most !== undefined && { remedy: setting(look, "ipv4.tcp_max_orphans", most * 2, "Allow more orphans", "Each may hold up to 64 KiB of memory that cannot be swapped out.") }),
    citation: "tcp_check_oom, net/ipv4/tcp.c; tcp_out_of_resources, net/ipv4/tcp_timer.c",
  };
};

const timeWaits: ProblemRule = (look) => {
  const [now, most] = [look.sockets["TCP.tw"], look.settings["ipv4.tcp_max_tw_buckets"]];
  const lost = look.rises["TcpExtTCPTimeWaitOverflow"] ?? 0;
  const many = now !== undefined && most !== undefined && most > 0 && now >= most * nearlyFull;
  if (!many && lost === 0) return undefined;
  return {
    id: "time-wait-table",
    severity: lost > 0 ? "error" : "warning",
    title: lost > 0 ? `${lost} connections got no TIME-WAIT${look.place}: the table is full` : `TIME-WAIT entries nearly at their limit${look.place}: ${now ?? 0} of ${most ?? 0}`,
    detail: "Without its TIME-WAIT a connection's late segments meet no socket and are answered with a reset, and may even fit a new connection. Many short connections that this side closes first make many entries; let clients close first, or keep connections open.",
    evidence: [...(now === undefined || most === undefined ? [] : [`TIME-WAIT: ${now} of ${most} (net.ipv4.tcp_max_tw_buckets).`]), ...facts(look, "TcpExtTCPTimeWaitOverflow")],
    ...(most !== undefined && { remedy: setting(look, "ipv4.tcp_max_tw_buckets", most * 2, "Allow more TIME-WAIT entries", "About 250 bytes each.") }),
    citation: "inet_twsk_alloc, net/ipv4/inet_timewait_sock.c; tcp_time_wait, net/ipv4/tcp_minisocks.c",
  };
};

/** Ports for outgoing connections that TIME-WAIT may hold at most towards one peer. */
function portsLeft({ settings, sockets }: NamespaceEvidence): { readonly waiting: number; readonly ports: number } | undefined {
  const [first, last, waiting] = [settings["ipv4.ip_local_port_range.0"], settings["ipv4.ip_local_port_range.1"], sockets["TCP.tw"]];
  return first === undefined || last === undefined || waiting === undefined ? undefined : { waiting, ports: last - first + 1 };
}

const localPorts: ProblemRule = (look): Problem | undefined => {
  const left = portsLeft(look);
  const reuse = look.settings["ipv4.tcp_tw_reuse"];
  if (!left || left.waiting < left.ports * nearlyFull || reuse === 1) return undefined;
  return {
    id: "time-wait-ports",
    severity: "warning",
    title: `TIME-WAIT entries could hold all local ports towards one peer${look.place}`,
    detail: "An outgoing connection needs a local port that no TIME-WAIT to the same address and port holds; connect() fails with EADDRNOTAVAIL when all are taken. tcp_tw_reuse = 1 lets an outgoing connection take over an entry that is older than a second, told apart by timestamps.",
    evidence: [`TIME-WAIT: ${left.waiting}; ports in net.ipv4.ip_local_port_range: ${left.ports}.`, ...(reuse === undefined ? [] : [`net.ipv4.tcp_tw_reuse = ${reuse}${reuse === 2 ? " (loopback only)" : ""}.`])],
    remedy: setting(look, "ipv4.tcp_tw_reuse", 1, "Let outgoing connections reuse TIME-WAIT entries", "Rests on TCP timestamps at both ends; behind some NAT devices a reused port is refused or reset."),
    citation: "tcp_twsk_unique, net/ipv4/tcp_ipv4.c; __inet_hash_connect, net/ipv4/inet_hashtables.c",
  };
};

export const memoryRules: readonly ProblemRule[] = [pressure, pruned, orphans, timeWaits, localPorts];
