import type { ResetCauseId } from "../../src/knowledge/cause";

/** The kernel function that sends the reset of a scenario; netfilter's REJECT goes past TCP. */
export type ResetSender = "tcp_v4_send_reset" | "tcp_v6_send_reset" | "tcp_send_active_reset" | "nf_send_reset";

interface ScenarioBase {
  readonly name: string;
  /** What happens, in one line. */
  readonly title: string;
  /** The port it happens at: the listener's, or the one nobody listens on. */
  readonly port: number;
}

/** One RST with a known cause. */
export interface ResetScenario extends ScenarioBase {
  readonly kind: "reset";
  readonly cause: ResetCauseId;
  readonly family: "ipv4" | "ipv6";
  /** As in ResetEvent.kind; `netfilter`: no function of TCP is called. */
  readonly reset: "passive" | "active" | "netfilter";
  readonly sender: ResetSender;
  /** Callers that tell the case, innermost first; others may be in between. */
  readonly callers: readonly string[];
  /** True when the sender's end has the scenario's port; false when the client resets. */
  readonly fromPort: boolean;
}

export type StateKind = "queue" | "tcp_diag" | "namespaces" | "drops" | "passing";

/** A state of the target to look at; it lasts as long as the scenario is held. */
export interface StateScenario extends ScenarioBase {
  readonly kind: StateKind;
  /** What `observed` must contain at least. Numbers must be equal; an array [least] is a lower bound. */
  readonly expected: Readonly<Record<string, unknown>>;
  /** Only a reboot undoes it; ending a held run does that. */
  readonly needsReboot?: true;
}

export type Scenario = ResetScenario | StateScenario;

type ResetRow = readonly [name: string, title: string, cause: ResetCauseId, callers: string, extra?: Partial<ResetScenario>];

const active = { reset: "active", sender: "tcp_send_active_reset" } as const;
const v6 = { family: "ipv6", sender: "tcp_v6_send_reset" } as const;

/** Passive over IPv4 unless the row says otherwise. The callers are the same on both kernels (scenarios.test.ts). */
const resetRows: readonly ResetRow[] = [
  ["closed-port", "connect to a port nobody listens on", "no-listener", "tcp_v4_rcv"],
  ["closed-port-v6", "the same over IPv6", "no-listener", "tcp_v6_rcv", v6],
  ["close-unread", "close with data unread", "close-with-unread-data", "__tcp_close", active],
  ["close-unread-v6", "the same over IPv6", "close-with-unread-data", "__tcp_close", { ...active, family: "ipv6" }],
  ["linger-zero", "close with SO_LINGER 0", "linger-zero", "tcp_disconnect __tcp_close", active],
  ["linger2-negative", "close in FIN-WAIT-2 with TCP_LINGER2 -1", "linger2-negative", "__tcp_close", active],
  ["linger2-negative-on-ack", "close with TCP_LINGER2 -1; the ACK of our FIN is reset", "linger2-negative", "tcp_v4_do_rcv tcp_v4_rcv"],
  ["listener-closed", "listener closed with a connection in its accept queue", "listener-closed", "tcp_disconnect inet_child_forget inet_csk_listen_stop", active],
  ["disconnect", "connect(AF_UNSPEC)", "disconnected", "tcp_disconnect __inet_stream_connect", active],
  ["killed-unread", "process killed with data unread", "close-with-unread-data", "__tcp_close do_exit", active],
  ["killed-idle", "process killed, then the peer sends", "time-wait", "tcp_v4_rcv"],
  ["data-after-close", "data after close, to a TIME-WAIT", "time-wait", "tcp_v4_rcv"],
  ["data-after-close-v6", "the same over IPv6", "time-wait", "tcp_v6_rcv", v6],
  ["data-after-close-fin-wait", "data after close, to an orphan in FIN-WAIT-2", "data-after-close", "tcp_v4_do_rcv tcp_v4_rcv"],
  ["fin-wait-timeout", "orphan's FIN-WAIT-2 is over", "fin-wait-timeout", "tcp_keepalive_timer", active],
  ["keepalive", "keepalive probes unanswered", "keepalive-timeout", "tcp_keepalive_timer", active],
  ["user-timeout", "TCP_USER_TIMEOUT ends a connection silently, then the peer sends", "no-connection", "tcp_v4_rcv"],
  ["ss-kill", "ss --kill", "destroyed", "tcp_abort tcp_diag_destroy", active],
  ["reject", "iptables REJECT --reject-with tcp-reset", "netfilter-reject", "nf_hook_slow", { reset: "netfilter", sender: "nf_send_reset" }],
  ["orphan-limit", "close beyond tcp_max_orphans", "out-of-resources", "__tcp_close", active],
  ["shutdown-then-data", "shutdown(SHUT_RD), data, close", "close-with-unread-data", "__tcp_close", active],
  ["unread-and-fin", "close after the peer's FIN with data unread", "close-with-unread-data", "__tcp_close", active],
  ["ack-to-listener", "a bare ACK to a listener", "ack-to-listener", "tcp_v4_do_rcv tcp_v4_rcv"],
  ["ack-without-socket", "an ACK of a connection nobody knows", "no-connection", "tcp_v4_rcv"],
  ["syn-in-time-wait", "a SYN to a TIME-WAIT in substate FIN-WAIT-2", "time-wait", "tcp_v4_rcv"],
  ["bad-ack-in-syn-sent", "SYN-ACK that acknowledges what was not sent", "bad-ack-in-syn-sent", "tcp_v4_do_rcv tcp_v4_rcv", { fromPort: false }],
  ["bad-ack-in-handshake", "simultaneous open, then an ACK of what was not sent", "bad-ack-in-handshake", "tcp_v4_do_rcv tcp_v4_rcv", { fromPort: false }],
  ["syn-in-handshake", "a second SYN inside the window of a request", "syn-in-handshake", "tcp_check_req tcp_v4_rcv"],
  ["bad-ack-to-request", "a last ACK that acknowledges what was not sent", "ack-to-listener", "tcp_v4_do_rcv tcp_v4_rcv"],
  ["abort-on-overflow", "tcp_abort_on_overflow and a full accept queue", "accept-queue-full", "tcp_check_req tcp_v4_rcv"],
  ["mptcp-join-bad-token", "MP_JOIN with a token of no connection", "mptcp", "subflow_v4_route_req"],
  ["conntrack-invalid", "a segment that is INVALID to conntrack escapes NAT", "no-connection", "tcp_v4_rcv"],
  ["mptcp-fastclose", "close of an MPTCP connection with data unread", "mptcp", "__mptcp_close", active],
];

const firstPort = 7100;

/** Room for the neighbouring ports that some scenarios use. */
const portOf = (index: number): number => firstPort + index * 4;

const resets: readonly ResetScenario[] = resetRows.map(([name, title, cause, callers, extra], index) => ({
  kind: "reset", name, title, cause, port: portOf(index), family: "ipv4", reset: "passive", sender: "tcp_v4_send_reset", callers: callers.split(" "), fromPort: true, ...extra,
}));

type StateRow = readonly [kind: StateKind, name: string, title: string, expected: Readonly<Record<string, unknown>>, needsReboot?: true];

const done = { answer: { type: "done", errno: 2 }, ssSendQ: 0 };
const error = { answer: { type: "error", errno: 2 }, ssSendQ: 0 };

const stateRows: readonly StateRow[] = [
  ["queue", "accept-queue-overflow", "backlog 2, eight clients, nobody accepts", { acceptQueue: { length: 3, limit: 2 }, synQueue: 0, counters: { ListenOverflows: [5], ListenDrops: [5] }, resets: 0 }],
  ["queue", "accept-queue-overflow-abort", "the same with tcp_abort_on_overflow: still no RST", { acceptQueue: { length: 3, limit: 2 }, synQueue: 0, counters: { ListenOverflows: [5], ListenDrops: [5] }, resets: 0 }],
  ["queue", "accept-queue-overflow-last-ack", "the last ACK finds the queue full: client ESTAB, server SYN-RECV", { acceptQueue: { length: 3, limit: 2 }, synQueue: 1, counters: { ListenOverflows: [1], ListenDrops: [1] } }],
  ["queue", "syn-queue-full", "SYN-ACKs lost, backlog 4, twenty clients, no SYN cookies", { acceptQueue: { length: 0, limit: 4 }, counters: { TCPReqQFullDrop: [10], TCPReqQFullDoCookies: 0, ListenOverflows: 0 } }],
  ["queue", "syn-queue-full-cookies", "the same with SYN cookies", { acceptQueue: { length: 0, limit: 4 }, counters: { TCPReqQFullDrop: 0, TCPReqQFullDoCookies: [10], SyncookiesSent: [10] } }],
  ["tcp_diag", "tcp-diag-autoload", "nothing loaded: the first dump loads it (healthy)", { answer: { type: "done", errno: 0 }, ssSendQ: 5 }],
  ["tcp_diag", "tcp-diag-blocked", "install tcp_diag /bin/false", done],
  ["tcp_diag", "tcp-diag-blacklisted", "blacklist tcp_diag", done],
  ["tcp_diag", "tcp-diag-absent", "tcp_diag.ko is not installed", done],
  ["tcp_diag", "inet-diag-blocked", "install inet_diag /bin/false", error],
  ["tcp_diag", "inet-diag-absent", "inet_diag.ko is not installed", error],
  ["tcp_diag", "modprobe-path-broken", "kernel.modprobe names no program", error],
  ["tcp_diag", "modules-disabled", "kernel.modules_disabled=1", error, true],
  ["namespaces", "netns-somaxconn", "backlog 511 in namespaces with other somaxconn", { backlog: 511 }],
  ["passing", "raw-reset", "an RST out of a raw socket", { sent: 1 }],
  ["passing", "forwarded-reset", "an RST of a host behind this one, which forwards it", { errno: 111 }],
  ["queue", "flood-beside-slow-accept", "one listener never accepts, its neighbour is flooded with SYNs, no SYN cookies", {
    acceptQueue: { length: 3, limit: 2 }, flooded: { acceptQueue: { length: 0, limit: 8 } }, counters: { ListenOverflows: [5], TCPReqQFullDrop: [10], TCPReqQFullDoCookies: 0 },
  }],
  ["drops", "drops", "packets dropped by a rule, closed ports and a small buffer", { reasons: { NETFILTER_DROP: 3, NO_SOCKET: [6], SOCKET_RCVBUFF: [10] } }],
];

const states: readonly StateScenario[] = stateRows.map(([kind, name, title, expected, needsReboot], index) => ({
  kind, name, title, expected, port: portOf(resetRows.length + index), ...(needsReboot === undefined ? {} : { needsReboot }),
}));

export const scenarios: readonly Scenario[] = [...resets, ...states];

export const resetScenarios: readonly ResetScenario[] = resets;
export const stateScenarios: readonly StateScenario[] = states;
