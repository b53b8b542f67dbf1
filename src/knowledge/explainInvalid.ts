/**
 * Why connection tracking called a packet INVALID, from the words it logs (net.netfilter.nf_conntrack_log_invalid) and, where it logs none, from the
 * packet's flags. Words of Linux 3.10 to 6.12; net/netfilter/nf_conntrack_proto*.c.
 */
import type { Confidence, Explanation } from "./cause";

export interface InvalidFacts {
  readonly reason?: string;
  readonly transport: string;
  readonly flags?: readonly string[];
  /** This host sent it: it came in by no device. */
  readonly leaves?: boolean;
  /** A rule matched it as INVALID. */
  readonly isCertain: boolean;
}

interface InvalidRule {
  readonly pattern: RegExp;
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** The window is tracked, and can be told not to be. */
  readonly ofWindow?: boolean;
  /** The kernel logs it and lets the packet pass. */
  readonly passes?: boolean;
  readonly place?: string;
}

const inWindow = "tcp_in_window, net/netfilter/nf_conntrack_proto_tcp.c";
const inPacket = "nf_conntrack_tcp_packet, net/netfilter/nf_conntrack_proto_tcp.c";

const rules: readonly InvalidRule[] = [
  {
    pattern: /^SEQ is over (?:the )?upper bound|bytes more than expected/, id: "seq-over-window", title: "Sequence number beyond the receiver's window", ofWindow: true, place: inWindow,
    detail: "The segment's data lies beyond the window that the receiver has announced, as conntrack saw it. Either conntrack missed a part of the connection (another way, offload, a middle box that rewrites sequence numbers), or the segment is damaged or forged.",
  },
  {
    pattern: /^ACK is over (?:the )?upper bound/, id: "ack-over-window", title: "Acknowledges data that conntrack has not seen", ofWindow: true, place: inWindow,
    detail: "The segment acknowledges data that conntrack never saw pass. Mostly one direction takes another way around this host, or packets were sent past conntrack.",
  },
  {
    pattern: /^SEQ is under (?:the )?lower bound/, id: "seq-old", title: "Old data once more", ofWindow: true, passes: true, place: inWindow,
    detail: "The segment repeats data that was acknowledged long ago. Newer kernels log it and let it pass; older ones call it INVALID.",
  },
  {
    pattern: /ACK (?:is )?under (?:the )?lower bound/, id: "ack-old", title: "A late acknowledgement", ofWindow: true, passes: true, place: inWindow,
    detail: "The segment acknowledges less than others did long before it: it was delayed on its way. Newer kernels log it and let it pass; older ones call it INVALID.",
  },
  {
    pattern: /^invalid rst/i, id: "bad-rst", title: "Reset with an old sequence number", place: inPacket,
    detail: "The reset's sequence number was acknowledged already, so that no receiver would take it; a forged reset looks the same. net.netfilter.nf_conntrack_tcp_ignore_invalid_rst=1 lets such ones pass; then a forged one ends the entry.",
  },
  {
    pattern: /ignored, state|challenge-ack ignored|lowered timeout|invalid packet ignored/i, id: "let-pass", title: "Odd, but let pass", passes: true, place: inPacket,
    detail: "The packet does not fit the state that conntrack has of the connection, but the peer will sort it out, and it was let pass.",
  },
  {
    pattern: /invalid, state|invalid state|^killing out of sync/i, id: "wrong-state", title: "Does not fit the connection's state", place: inPacket,
    detail: "By the state that conntrack has of this connection such a packet cannot come: it missed packets, the connection was closed for it already, or the ports were used again too early.",
  },
  {
    pattern: /^invalid new/, id: "no-entry", title: "Begins no connection and belongs to none", place: "tcp_new, net/netfilter/nf_conntrack_proto_tcp.c",
    detail: "Conntrack has no entry for this connection, and such a packet cannot begin one. The entry has run out (a timeout that is shorter than the connection's pauses, a full table) or the beginning took another way.",
  },
  {
    pattern: /invalid tcp flag combination/i, id: "bad-flags", title: "TCP flags that exclude each other", place: "tcp_error, net/netfilter/nf_conntrack_proto_tcp.c",
    detail: "No TCP sends flags like these: a port scan, or a damaged packet.",
  },
  {
    pattern: /checksum/i, id: "bad-checksum", title: "Wrong checksum", place: "nf_checksum, net/netfilter/utils.c",
    detail: "The packet was damaged on its way, or a virtual device hands on packets whose checksum was left to hardware. net.netfilter.nf_conntrack_checksum=0 stops conntrack from looking; then damaged packets take part in the tracking.",
  },
  {
    pattern: /truncated|short packet|malformed|short redirect/i, id: "malformed", title: "Cut short",
    detail: "The packet is shorter than its own header says: damaged, or made by a scanner.",
  },
  {
    pattern: /outer daddr|icmp|redirect/i, id: "icmp", title: "ICMP message that belongs to nothing known", place: "nf_conntrack_inet_error, net/netfilter/nf_conntrack_proto_icmp.c",
    detail: "The message, or the packet it quotes, belongs to no connection that conntrack knows.",
  },
];

const otherReason: Omit<InvalidRule, "pattern"> = { id: "other", title: "INVALID to connection tracking", detail: "The kernel's own words for it are below; this version of KNetScope has none." };

const nat = "NAT is not applied to an INVALID packet: where the connection was redirected (REDIRECT, DNAT, masquerading) it arrives at the untranslated address or port, finds no socket there, and is answered with a reset that ends the real connection.";

const liberal = "net.netfilter.nf_conntrack_tcp_be_liberal=1 takes segments out of the window for valid. Its price: only resets out of the window stay INVALID, so a firewall protects less against forged segments.";

/** @returns `expected` for what the kernel logged but let pass */
export function explainInvalid(facts: InvalidFacts): Explanation<string> {
  const { reason, isCertain } = facts;
  if (reason === undefined) return withoutReason(facts);
  const rule = rules.find(({ pattern }) => pattern.test(reason)) ?? otherReason;
  const passed = rule.passes === true && !isCertain;
  return {
    cause: {
      id: rule.id, title: rule.title, confidence: passed || isCertain ? "certain" : "likely",
      detail: [rule.detail, ...(passed ? [] : [nat]), ...(rule.ofWindow && !passed ? [liberal] : [])].join(" "),
      ...(passed ? { expected: true } : {}),
    },
    alternatives: [],
    evidence: [`Conntrack's own words: ${reason}.`, matched(isCertain)],
    citation: rule.place ?? "nf_conntrack_in, net/netfilter/nf_conntrack_core.c",
  };
}

const matched = (isCertain: boolean): string => (isCertain ? "A rule matched it as ct state invalid." : "No rule told whether it was INVALID in the end.");

/** Silent are: a packet without an entry on older kernels, ICMP errors of unknown connections, protocols without a tracker. */
function withoutReason({ transport, flags = [], leaves, isCertain }: InvalidFacts): Explanation<string> {
  if (leaves && flags.includes("RST")) return ownReset(isCertain);
  const startsNone = transport === "TCP" && (flags.includes("RST") || flags.includes("FIN") || (flags.includes("SYN") && flags.includes("ACK")));
  const id = startsNone ? "no-entry" : transport.startsWith("ICMP") ? "icmp" : "unknown";
  const { title, detail, place } = rules.find((rule) => rule.id === id) ?? { ...otherReason, detail: "Conntrack gave no reason.", place: undefined };
  const confidence: Confidence = id === "unknown" ? "low" : "likely";
  return {
    cause: { id, title, detail: `${detail} ${nat}`, confidence },
    alternatives: [],
    evidence: ["Conntrack logged no reason.", matched(isCertain), ...(startsNone ? [`${flags.join(",")} cannot begin a connection.`] : [])],
    citation: place ?? "nf_conntrack_in, net/netfilter/nf_conntrack_core.c",
  };
}

function ownReset(isCertain: boolean): Explanation<string> {
  return {
    cause: {
      id: "own-reset", title: "This host's reset for a packet without connection", confidence: "likely",
      detail: "This host answered a packet with a reset from an address and port for which conntrack has no entry. Mostly that packet was INVALID itself, escaped NAT, and is listed with the same addresses; the reset ends the real connection. “Trace TCP Resets” shows who sends it.",
    },
    alternatives: ["no-entry"],
    evidence: ["Conntrack logged no reason.", matched(isCertain), "It leaves this host and came in by no device."],
    citation: "tcp_v4_send_reset, net/ipv4/tcp_ipv4.c; nf_nat_inet_fn, net/netfilter/nf_nat_core.c",
  };
}
