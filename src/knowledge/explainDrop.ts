/**
 * From one dropped packet to its cause in words. The kernel's reason decides; where it gives none (NOT_SPECIFIED, and all of kernels before 5.17),
 * the functions that led to the drop do, and what they do not tell is said to be unknown. Names of functions are those of Linux 6.1 to 6.12.
 */
import { CallChain } from "./callChain";
import type { Explanation } from "./cause";
import { dropCauses, type DropCauseText } from "./dropCauses";
import type { ChainFrame } from "./resetFacts";

export interface DropFacts {
  /** Name of enum skb_drop_reason without its prefix; undefined where the kernel has none. */
  readonly reason?: string;
  readonly packet?: { readonly transport: string; readonly flags?: readonly string[] };
  /** false: only a stack was recorded, so that an absent reason says nothing of the kernel. Default true. */
  readonly recorded?: boolean;
}

interface PlaceRule {
  readonly pattern: RegExp;
  readonly id: string;
  readonly text: DropCauseText;
}

const place = (pattern: RegExp, id: string, title: string, detail: string): PlaceRule => ({ pattern, id, text: { title, detail, expected: true } });
const trouble = (pattern: RegExp, id: string): PlaceRule => ({ pattern, id, text: dropCauses[id] ?? unknownReason(id) });

/** The innermost function that one of these fits. */
const places: readonly PlaceRule[] = [
  place(/^unix_/, "unix-socket", "Message left in a Unix socket", "A Unix socket was closed, or its peer was, with messages nobody had read."),
  place(/^(?:packet_|tpacket_)/, "packet-socket", "Copy for a sniffer not needed", "A packet socket did not want, or had no room for, its copy; the packet itself went on."),
  place(/^(?:netlink_|nfnetlink_|genl|rtnl_)/, "netlink", "Message over netlink freed", "A message between kernel and programs, not a packet of the network."),
  place(/^(?:__)?skb_queue_purge|^sk_stream_kill_queues|^inet_sock_destruct|^udp_destruct|^__sk_destruct|^tcp_write_queue_purge|^inet_csk_destroy_sock|^tcp_disconnect|^tcp_v[46]_destroy_sock/, "socket-closed", "Left over in a socket that was closed", "The socket went away with packets still queued."),
  place(/^(?:mld_|ndisc_|igmp_|ip6_mc_input|ipv6_mc|ip_mc_)/, "multicast", "Multicast or neighbour discovery not for us", "A group that nobody here joined, or a message of neighbour discovery that was handled."),
  place(/^(?:arp_)/, "arp", "ARP message handled or not for us", "ARP frees every message when it is done with it."),
  place(/^(?:icmp_|icmpv6_|ping_)/, "icmp", "ICMP message handled", "ICMP frees a message when it is done with it."),
  { pattern: /^tcp_v[46]_rcv$/, id: "tcp-receiver", text: { title: "Segment refused by TCP without a reason", detail: "tcp_v4_rcv gave the segment up before a socket took it: mostly the data or ACK of a handshake that cannot be completed (accept queue full), or a packet a policy or filter refused. Look at ListenOverflows and at the listeners." } },
  trouble(/^nf_hook_slow|^nft_do_chain|^ipt_do_table|^ip6t_do_table/, "NETFILTER_DROP"),
  trouble(/^__?udp_enqueue_schedule_skb|^udp_queue_rcv|^sock_queue_rcv_skb/, "SOCKET_RCVBUFF"),
  trouble(/^neigh_|^__neigh_/, "NEIGH_FAILED"),
  trouble(/^(?:pfifo_fast|fq_codel|fq|htb|tbf|netem|cake|sfq|codel|qdisc)_(?:enqueue|dequeue|drop)|^kfree_skb_list$|^__dev_xmit_skb/, "QDISC_DROP"),
];

export function explainDrop(facts: DropFacts, stack: readonly ChainFrame[]): Explanation<string> {
  const { reason } = facts;
  const chain = CallChain.of(stack);
  if (reason === undefined || reason === "NOT_SPECIFIED") return byPlace(facts, chain);
  const text = dropCauses[reason] ?? unknownReason(reason);
  return {
    cause: { id: reason, title: text.title, detail: detailOf(reason, text, facts), confidence: "certain", ...(text.expected ? { expected: true } : {}) },
    alternatives: [],
    evidence: [isOwnReason(reason) ? `The listener's queue was full when ${chain.all[0]?.function ?? "the kernel"} looked.` : `The kernel's own reason is ${reason}.`],
    ...(text.citation === undefined ? {} : { citation: text.citation }),
  };
}

/** For what the kernel does not call a drop. */
export const isOwnReason = (reason: string): boolean => reason === "ACCEPT_QUEUE_FULL" || reason === "SYN_QUEUE_FULL";

const unknownReason = (reason: string): DropCauseText => ({ title: `Kernel's reason: ${reason}`, detail: `The kernel says ${reason}; this version of KNetScope has no words for it. The place below shows the code.` });

function byPlace(facts: DropFacts, chain: CallChain): Explanation<string> {
  const near = chain.all.slice(0, 4);
  const found = near.flatMap((call) => places.filter(({ pattern }) => pattern.test(call.function)).map((rule) => ({ rule, call })))[0];
  const given = facts.recorded === false ? "No reason was recorded." : facts.reason === undefined ? "This kernel gives no reasons." : "The kernel gives no reason (NOT_SPECIFIED).";
  if (!found) {
    const { title, detail, citation } = dropCauses["NOT_SPECIFIED"] ?? unknownReason("NOT_SPECIFIED");
    return { cause: { id: "NOT_SPECIFIED", title, detail, confidence: "low" }, alternatives: [], evidence: [given], ...(citation === undefined ? {} : { citation }) };
  }
  const { rule: { id, text }, call } = found;
  return {
    cause: { id, title: text.title, detail: text.detail, confidence: "likely", ...(text.expected ? { expected: true } : {}) },
    alternatives: [],
    evidence: [given, `It was freed in ${call.function}.`],
    ...(text.citation === undefined ? {} : { citation: text.citation }),
  };
}

/** What else of the packet matters to this cause. */
function detailOf(reason: string, { detail }: DropCauseText, { packet }: DropFacts): string {
  if (reason !== "NO_SOCKET" || packet?.transport !== "TCP") return detail;
  const flags = packet.flags ?? [];
  if (flags.includes("SYN") && !flags.includes("ACK")) return detail;
  return `${detail} This packet is no request for a connection: it belongs to one that does not exist here any more, or that NAT should have sent elsewhere.`;
}
