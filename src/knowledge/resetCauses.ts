import type { ResetCauseId } from "./cause";

export interface CauseText {
  /** At most eight words. */
  readonly title: string;
  /** What happened, who did it, what to look at next. */
  readonly detail: string;
  /** Where the kernel decides it: function, file, and what to look for there. */
  readonly citation?: string;
}

/** The causes in words. Names and places are those of Linux 6.1 to 6.12. */
export const resetCauses: Readonly<Record<ResetCauseId, CauseText>> = {
  "no-listener": {
    title: "Nothing listens on this address and port",
    detail: "A SYN came to a port where no socket of this network namespace listens, so the kernel refused it. Check that the service runs, in this namespace, and is bound to this very address and not only to loopback or to one interface.",
    citation: "tcp_v4_rcv and tcp_v6_rcv, net/ipv4/tcp_ipv4.c and net/ipv6/tcp_ipv6.c: label no_tcp_socket",
  },
  "no-connection": {
    title: "No such connection here any more",
    detail: "A segment came for a connection that has no socket in this network namespace. Either this side ended it earlier (the process died, TIME-WAIT or an orphan ran out), or the packet belongs elsewhere: a load balancer moved the flow, or NAT was not applied because conntrack took the packet for INVALID. Compare its addresses with the sockets of both ends.",
    citation: "tcp_v4_rcv and tcp_v6_rcv, net/ipv4/tcp_ipv4.c and net/ipv6/tcp_ipv6.c: label no_tcp_socket",
  },
  "time-wait": {
    title: "Peer kept sending after close, in TIME-WAIT",
    detail: "This side had closed the connection, and only a TIME-WAIT entry was left of it when the peer sent more, or tried to open it anew. Data sent after our close is lost: let the application read to the end before it closes, or agree on who closes first.",
    citation: "tcp_timewait_state_process, net/ipv4/tcp_minisocks.c: returns TCP_TW_RST",
  },
  "ack-to-listener": {
    title: "Listener got an ACK of no handshake",
    detail: "An ACK came to a listening socket, and no handshake waits for it. It belongs to a connection from before a restart of the service, or its handshake was given up meanwhile (accept queue full, SYN cookie expired or wrong). Look at the listener's queues, and at which peers still use old connections.",
    citation: "tcp_rcv_state_process, net/ipv4/tcp_input.c: case TCP_LISTEN",
  },
  "bad-ack-in-syn-sent": {
    title: "Answer to our SYN acknowledges something else",
    detail: "This side is connecting, and what came back acknowledges a sequence number it never sent. The peer still holds an older connection of the same addresses and ports, a NAT device reused the port, or the answer is forged. Look at the same four-tuple on the peer.",
    citation: "tcp_rcv_synsent_state_process, net/ipv4/tcp_input.c: ack outside of snd_una..snd_nxt, label reset_and_undo",
  },
  "bad-ack-in-handshake": {
    title: "Last ACK of the handshake not acceptable",
    detail: "The segment that should complete the handshake acknowledges something this side did not send, or is too old. Usually two handshakes of the same addresses and ports crossed, or a middlebox rewrote the numbers. Capture the handshake on both ends and compare.",
    citation: "tcp_rcv_state_process, net/ipv4/tcp_input.c: case TCP_SYN_RECV and the check of tcp_ack; tcp_child_process, net/ipv4/tcp_minisocks.c",
  },
  "syn-in-handshake": {
    title: "New SYN while a handshake is pending",
    detail: "A second SYN with another sequence number came for a handshake that is still in progress, so the kernel gave that one up. The client retried from the same port, or NAT put two clients on one port.",
    citation: "tcp_check_req, net/ipv4/tcp_minisocks.c: label embryonic_reset",
  },
  "accept-queue-full": {
    title: "Accept queue full, and tcp_abort_on_overflow is set",
    detail: "The client completed its handshake, but the accept queue of the listener had no room, and net.ipv4.tcp_abort_on_overflow=1 makes that a reset. The application accepts too slowly or its backlog is too small: look at the accept queue of this listener and at ListenOverflows.",
    citation: "tcp_check_req, net/ipv4/tcp_minisocks.c: label listen_overflow",
  },
  "data-after-close": {
    title: "Data arrived after this side had closed",
    detail: "The application here had closed the socket, or shut down reading, while the peer still sent; nobody can read it, so the kernel says so with a reset. TCPAbortOnData counts these. Let the application read until the peer's end before it closes.",
    citation: "tcp_rcv_state_process, net/ipv4/tcp_input.c: RCV_SHUTDOWN with new data, LINUX_MIB_TCPABORTONDATA",
  },
  "close-with-unread-data": {
    title: "Closed with unread data in the socket",
    detail: "The application closed the socket while received data was still waiting to be read; the kernel tells the peer that it was lost. TCPAbortOnClose counts these. Let the application read to the end, or shut down and drain, before it closes.",
    citation: "__tcp_close, net/ipv4/tcp.c: data_was_unread, LINUX_MIB_TCPABORTONCLOSE",
  },
  "linger-zero": {
    title: "Application closed hard: SO_LINGER with zero time",
    detail: "The application had set SO_LINGER with a time of zero, which makes close() a reset instead of a FIN. It is a decision of that program or its library, often to avoid TIME-WAIT. Look there for SO_LINGER.",
    citation: "__tcp_close, net/ipv4/tcp.c: SOCK_LINGER without sk_lingertime calls disconnect",
  },
  "listener-closed": {
    title: "Listener closed with connections not yet accepted",
    detail: "The listening socket went away while completed connections waited in its accept queue; each of them is reset. Typical of a restart: accept what is queued first, hand the socket over, or use SO_REUSEPORT with net.ipv4.tcp_migrate_req.",
    citation: "inet_csk_listen_stop, net/ipv4/inet_connection_sock.c: inet_child_forget",
  },
  disconnected: {
    title: "Application dissolved the connection (connect to AF_UNSPEC)",
    detail: "The application called connect() with AF_UNSPEC, or a kernel user of the socket disconnected it; for a connected socket that is a reset. Look in that program for a disconnect.",
    citation: "tcp_disconnect, net/ipv4/tcp.c, from __inet_stream_connect, net/ipv4/af_inet.c",
  },
  destroyed: {
    title: "Socket destroyed from outside (SOCK_DESTROY)",
    detail: "Someone with CAP_NET_ADMIN destroyed the socket: `ss -K`, a network manager, a container network plugin, or a BPF program. The process below is the one that asked, not the one that owned the socket.",
    citation: "tcp_abort, net/ipv4/tcp.c, from tcp_diag_destroy, net/ipv4/tcp_diag.c",
  },
  "keepalive-timeout": {
    title: "Keepalive unanswered: the peer is gone",
    detail: "Keepalive probes of this side were not answered within their count or within TCP_USER_TIMEOUT, so the kernel gave the connection up. The peer or the path to it is dead, or a firewall forgot the flow: compare its idle timeout with tcp_keepalive_time.",
    citation: "tcp_keepalive_timer, net/ipv4/tcp_timer.c: keepalive_probes or icsk_user_timeout exceeded",
  },
  "fin-wait-timeout": {
    title: "Peer never closed its side: FIN-WAIT-2 over",
    detail: "This side closed, the peer acknowledged but did not send its own FIN within tcp_fin_timeout (or TCP_LINGER2), so the remains were reset. Look at the peer: it probably leaks a socket in CLOSE-WAIT.",
    citation: "tcp_keepalive_timer, net/ipv4/tcp_timer.c: TCP_FIN_WAIT2 with SOCK_DEAD",
  },
  "linger2-negative": {
    title: "TCP_LINGER2 is negative: no wait for FIN",
    detail: "The application set TCP_LINGER2 below zero, so its closed connection does not wait in FIN-WAIT-2 for the peer's FIN; it is reset instead. Look in that program or its library for TCP_LINGER2.",
    citation: "__tcp_close, net/ipv4/tcp.c, and tcp_rcv_state_process, net/ipv4/tcp_input.c: linger2 < 0",
  },
  "out-of-resources": {
    title: "Kernel short of TCP memory or orphans",
    detail: "There were more orphaned connections than net.ipv4.tcp_max_orphans allows, or TCP used up net.ipv4.tcp_mem, so the kernel dropped this one with a reset. Look for “Out of socket memory” and “too many orphaned sockets” in the kernel log, and at /proc/net/sockstat.",
    citation: "tcp_check_oom, net/ipv4/tcp.c, from __tcp_close and tcp_out_of_resources (net/ipv4/tcp_timer.c)",
  },
  mptcp: {
    title: "Multipath TCP ended or refused this subflow",
    detail: "The reset was decided by MPTCP: a subflow was refused, broken, or closed together with its connection. Look at `ss -M`, `ip mptcp` limits, and at the counters MPTcpExt of `nstat`.",
    citation: "net/mptcp/subflow.c and net/mptcp/protocol.c",
  },
  "netfilter-reject": {
    title: "A firewall rule rejects with tcp-reset",
    detail: "No socket sent this reset: a rule of nftables or iptables with REJECT and tcp-reset did. Look for the rule and its counters.",
    citation: "nf_send_reset, net/ipv4/netfilter/nf_reject_ipv4.c, and nf_send_reset6, net/ipv6/netfilter/nf_reject_ipv6.c",
  },
  "nat-not-applied": {
    title: "NAT passed this packet over: conntrack INVALID",
    detail: "The packet belongs to a connection that NAT redirects, but connection tracking took it for INVALID (out of its window, after a gap, of a flow it forgot), so it was not translated, reached the address it was sent to, and found no socket there; that reset kills the real connection. Log INVALID packets (Log Conntrack-Invalid Packets) to see why. net.netfilter.nf_conntrack_tcp_be_liberal=1 accepts segments outside of the window, at the price of weaker checks; a rule that drops INVALID packets before they reach TCP avoids the reset.",
    citation: "tcp_in_window, net/netfilter/nf_conntrack_proto_tcp.c; nf_nat_inet_fn, net/netfilter/nf_nat_core.c: packets without an entry are not translated",
  },
  forwarded: {
    title: "Reset of another host, only forwarded",
    detail: "This host routed the reset and did not make it: no socket and no rule here was asked. Its source address says whose it is, unless a device on the way forged it. Trace the resets on that host.",
    citation: "ip_forward, net/ipv4/ip_forward.c, and ip6_forward, net/ipv6/ip6_output.c",
  },
  "raw-socket": {
    title: "A program built this reset by itself",
    detail: "The reset left through a raw socket, past TCP: an intrusion prevention system, a scanner, a TCP stack in user space, or a tool that cuts connections (tcpkill). The process below wrote it.",
    citation: "raw_sendmsg, net/ipv4/raw.c, and rawv6_sendmsg, net/ipv6/raw.c",
  },
  received: {
    title: "The peer sent this reset",
    detail: "This host received the reset and ended its connection; the reason is on the other side, or on a device between. Trace the resets there.",
    citation: "tcp_reset, net/ipv4/tcp_input.c",
  },
  unknown: {
    title: "Cause not recognised",
    detail: "No rule matches this call chain. The stack and its source lines show what the kernel was doing.",
  },
};
