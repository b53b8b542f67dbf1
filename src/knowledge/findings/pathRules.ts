/** What gets lost on the way, by the counters of this end. */
import { facts, risen, setting, share, type Problem, type ProblemRule } from "./problem";

/** Fewer segments prove nothing. */
const leastRetransmitted = 20;
const [noticeable, bad] = [0.02, 0.1];

const retransmissions: ProblemRule = (look) => {
  const [again, out] = [look.rises["TcpRetransSegs"] ?? 0, look.rises["TcpOutSegs"] ?? 0];
  if (again < leastRetransmitted || again < out * noticeable) return undefined;
  return {
    id: "retransmissions",
    severity: again >= out * bad ? "error" : "warning",
    title: `${share(again, Math.max(out, again))} of the segments were sent again${look.place}`,
    detail: "Segments get lost between here and the peers, or acknowledgements come so late that the kernel gives up waiting. Sort the sockets by retransmissions: one peer speaks for its path, all of them for this host's link.",
    evidence: [`${again} of ${out} segments sent in ${Math.round(look.seconds)} s.`, ...facts(look, "TcpExtTCPTimeouts", "TcpExtTCPLostRetransmit", "TcpExtTCPSpuriousRTOs", "TcpExtTCPRetransFail")],
    citation: "tcp_retransmit_skb, net/ipv4/tcp_output.c; tcp_retransmit_timer, net/ipv4/tcp_timer.c",
  };
};

const softnet: ProblemRule = (look) => {
  const dropped = look.rises["SoftnetDropped"] ?? 0;
  if (dropped === 0) return undefined;
  const most = look.settings["core.netdev_max_backlog"];
  return {
    id: "cpu-backlog-drops",
    severity: "error",
    title: `Packets were dropped before the protocols saw them: ${risen(dropped, look.seconds)}`,
    detail: "The queue of packets that wait for a CPU was full. One CPU gets more packets than it can work off: spread them (RSS, RPS), or make the queue longer for bursts.",
    evidence: [...facts(look, "SoftnetDropped", "SoftnetTimeSqueeze"), ...(most === undefined ? [] : [`net.core.netdev_max_backlog = ${most}.`])],
    ...(most !== undefined && { remedy: setting(look, "core.netdev_max_backlog", most * 4, "Make the queue longer", "More packets wait, so each waits longer; a CPU that is always too slow stays so.") }),
    citation: "enqueue_to_backlog, net/core/dev.c; Documentation/networking/scaling.rst",
  };
};

interface Simple extends Pick<Problem, "id" | "severity" | "detail" | "citation"> {
  readonly counters: readonly [string, ...string[]];
  readonly what: string;
}

/** Counters that speak for themselves. */
const simple: readonly Simple[] = [
  {
    id: "reverse-path-filter", severity: "warning", counters: ["TcpExtIPReversePathFilter"], what: "Packets came in by an interface that is not the way back",
    detail: "rp_filter drops packets whose sender would be answered through another interface. With several uplinks, tunnels or policy routing that is often right traffic: net.ipv4.conf.*.rp_filter = 2 accepts any interface that has a route back.",
    citation: "__fib_validate_source, net/ipv4/fib_frontend.c",
  },
  {
    id: "udp-receive-buffer", severity: "warning", counters: ["UdpRcvbufErrors", "UdpMemErrors"], what: "Datagrams were dropped: a UDP socket's receive buffer is full",
    detail: "The program does not read as fast as datagrams come. A larger buffer (SO_RCVBUF up to net.core.rmem_max) bridges bursts; the sockets' drops tell which program it is.",
    citation: "__udp_enqueue_schedule_skb, net/ipv4/udp.c",
  },
  {
    id: "checksum-errors", severity: "warning", counters: ["TcpInCsumErrors", "UdpInCsumErrors", "IpExtInCsumErrors"], what: "Packets with a wrong checksum came in",
    detail: "A damaged link, faulty memory in a device on the way, or a virtual interface whose offloading went wrong: such packets are dropped without a word to the sender.",
    citation: "tcp_v4_rcv, net/ipv4/tcp_ipv4.c: label csum_error",
  },
  {
    id: "old-timestamps", severity: "info", counters: ["TcpExtPAWSEstab", "TcpExtPAWSActive"], what: "Segments were refused for an old timestamp",
    detail: "PAWS takes them for leftovers of an earlier connection. Several clients behind one NAT address whose clocks differ, or a peer that reuses a port while TIME-WAIT lasts, look the same.",
    citation: "tcp_validate_incoming, net/ipv4/tcp_input.c; RFC 7323, section 5",
  },
  {
    id: "no-route", severity: "info", counters: ["IpOutNoRoutes"], what: "Packets had no route",
    detail: "Programs sent to addresses that this host's routing tables do not know; they got ENETUNREACH or EHOSTUNREACH.",
    citation: "ip_route_output_key_hash_rcu, net/ipv4/route.c",
  },
];

const simpleRule = ({ id, severity, counters, what, detail, citation }: Simple): ProblemRule => (look) => {
  const evidence = facts(look, ...counters);
  return evidence.length === 0 ? undefined : { id, severity, title: `${what}${look.place}`, detail, evidence, citation };
};

export const pathRules: readonly ProblemRule[] = [retransmissions, softnet, ...simple.map(simpleRule)];
