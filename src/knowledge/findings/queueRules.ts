/** Settings and counters around listeners. Overflows of a single queue are told where listeners are compared; these are the circumstances. */
import { facts, risen, setting, type ProblemRule } from "./problem";

const abortOnOverflow: ProblemRule = (look) => {
  if (look.settings["ipv4.tcp_abort_on_overflow"] !== 1) return undefined;
  const overflows = look.rises["TcpExtListenOverflows"] ?? 0;
  return {
    id: "abort-on-overflow",
    severity: overflows > 0 ? "warning" : "info",
    title: `tcp_abort_on_overflow is set${look.place}: a full accept queue resets clients`,
    detail: "A client whose last ACK finds the accept queue full is reset at once instead of being tried again a little later. It makes a short burst an error that users see; the default 0 lets most of them get through.",
    evidence: ["net.ipv4.tcp_abort_on_overflow = 1.", ...facts(look, "TcpExtListenOverflows", "TcpExtEmbryonicRsts")],
    remedy: setting(look, "ipv4.tcp_abort_on_overflow", 0, "Let clients try again", "Clients wait for a server that stays too slow instead of failing at once."),
    citation: "tcp_check_req, net/ipv4/tcp_minisocks.c: label listen_overflow",
  };
};

const cookiesForAll: ProblemRule = (look) => {
  if (look.settings["ipv4.tcp_syncookies"] !== 2) return undefined;
  return {
    id: "syncookies-always",
    severity: "info",
    title: `Every connection is made by a SYN cookie${look.place}`,
    detail: "tcp_syncookies = 2 sends cookies even while the SYN queue has room, which is meant for tests: window scaling and SACK survive only when the client sends timestamps, and other options are lost.",
    evidence: ["net.ipv4.tcp_syncookies = 2.", ...facts(look, "TcpExtSyncookiesSent", "TcpExtSyncookiesRecv")],
    remedy: setting(look, "ipv4.tcp_syncookies", 1, "Cookies only when the SYN queue is full", "None that is known."),
    citation: "tcp_conn_request, net/ipv4/tcp_input.c: want_cookie; Documentation/networking/ip-sysctl.rst",
  };
};

const invalidCookies: ProblemRule = (look) => {
  const failed = look.rises["TcpExtSyncookiesFailed"] ?? 0;
  if (failed === 0) return undefined;
  return {
    id: "syncookies-failed",
    severity: "warning",
    title: `${failed} ACKs brought an invalid SYN cookie${look.place}`,
    detail: "Each of them is answered with a reset. Cookies are valid for one to two minutes: the client's ACK came later, went to another machine than the SYN (a load balancer), or is part of an attack.",
    evidence: facts(look, "TcpExtSyncookiesFailed", "TcpExtSyncookiesRecv", "TcpExtSyncookiesSent"),
    citation: "cookie_v4_check, net/ipv4/syncookies.c",
  };
};

const synRetries: ProblemRule = (look) => {
  const [again, opens] = [look.rises["TcpExtTCPSynRetrans"] ?? 0, (look.rises["TcpActiveOpens"] ?? 0) + (look.rises["TcpPassiveOpens"] ?? 0)];
  if (again < 5 || again * 5 < opens) return undefined;
  return {
    id: "syn-retransmissions",
    severity: "warning",
    title: `Handshakes had to be repeated ${again} times${look.place}`,
    detail: "SYNs or SYN-ACKs of this host got no answer at first. The peer's queue is full, a firewall drops without a word, or packets are lost on the way. Look at sockets in SYN-SENT and SYN-RECV for the addresses.",
    evidence: facts(look, "TcpExtTCPSynRetrans", "TcpActiveOpens", "TcpPassiveOpens", "TcpAttemptFails"),
    citation: "tcp_retransmit_timer, net/ipv4/tcp_timer.c; inet_rtx_syn_ack, net/ipv4/inet_connection_sock.c",
  };
};

const backlogDrops: ProblemRule = (look) => {
  const dropped = look.rises["TcpExtTCPBacklogDrop"] ?? 0;
  if (dropped === 0) return undefined;
  return {
    id: "socket-backlog-drops",
    severity: "warning",
    title: `Segments were dropped while programs held their sockets${look.place}: ${risen(dropped, look.seconds)}`,
    detail: "While a system call holds a socket, segments wait in its backlog, which takes as much as the receive and send buffers together. It is another queue than the accept queue. Larger buffers or fewer, longer system calls help.",
    evidence: facts(look, "TcpExtTCPBacklogDrop"),
    citation: "tcp_add_backlog, net/ipv4/tcp_ipv4.c",
  };
};

export const queueRules: readonly ProblemRule[] = [abortOnOverflow, cookiesForAll, invalidCookies, synRetries, backlogDrops];
