/** Connection tracking: a full table drops packets, and what it calls INVALID is not translated by NAT. */
import { facts, setting, share, type ProblemRule } from "./problem";

const nearlyFull = 0.9;

const table: ProblemRule = (look) => {
  const [now, most] = [look.settings["netfilter.nf_conntrack_count"], look.settings["netfilter.nf_conntrack_max"]];
  const dropped = (look.rises["ConntrackDrop"] ?? 0) + (look.rises["ConntrackEarlyDrop"] ?? 0);
  const many = now !== undefined && most !== undefined && most > 0 && now >= most * nearlyFull;
  if (!many && dropped === 0) return undefined;
  return {
    id: "conntrack-full",
    severity: (look.rises["ConntrackDrop"] ?? 0) > 0 || (now ?? 0) >= (most ?? Infinity) ? "error" : "warning",
    title: `Connection tracking ${dropped > 0 ? `dropped ${dropped} packets or entries` : "is nearly full"}${look.place}: ${now ?? "?"} of ${most ?? "?"}`,
    detail: "When the table is full, the first packet of every new connection is dropped, and unanswered entries are thrown out early. The kernel log says “nf_conntrack: table full, dropping packet”. Many short connections, long timeouts or a flood fill it.",
    evidence: [...(now === undefined || most === undefined ? [] : [`Entries: ${now} of ${most} (net.netfilter.nf_conntrack_max), ${share(now, Math.max(most, 1))}.`]), ...facts(look, "ConntrackDrop", "ConntrackEarlyDrop", "ConntrackInsertFailed")],
    ...(most !== undefined && { remedy: setting(look, "netfilter.nf_conntrack_max", most * 2, "Allow more entries", "About 320 bytes each; the hash table does not grow with it (nf_conntrack_buckets).") }),
    citation: "__nf_conntrack_alloc and early_drop, net/netfilter/nf_conntrack_core.c",
  };
};

const invalid: ProblemRule = (look) => {
  const count = look.rises["ConntrackInvalid"] ?? 0;
  if (count === 0) return undefined;
  const liberal = look.settings["netfilter.nf_conntrack_tcp_be_liberal"];
  return {
    id: "conntrack-invalid",
    severity: "warning",
    title: `${count} packets were INVALID to connection tracking${look.place}`,
    detail: "A packet that conntrack calls INVALID passes NAT untranslated: it arrives with an address or port that nobody here has, and is answered with a reset that ends the client's connection. Usual causes are segments outside of the window it tracks, packets that take another way back, and timeouts shorter than the connection's pauses. “Log Conntrack-Invalid Packets” says which they are.",
    evidence: [...facts(look, "ConntrackInvalid", "TcpOutRsts"), ...(liberal === undefined ? [] : [`net.netfilter.nf_conntrack_tcp_be_liberal = ${liberal}.`])],
    ...(liberal === 0 && { remedy: setting(look, "netfilter.nf_conntrack_tcp_be_liberal", 1, "Take segments out of the window for valid", "Only resets out of the window stay INVALID; a firewall that relies on window tracking protects less.") }),
    citation: "nf_conntrack_in, net/netfilter/nf_conntrack_core.c; tcp_in_window, net/netfilter/nf_conntrack_proto_tcp.c; nf_nat_inet_fn, net/netfilter/nf_nat_core.c",
  };
};

export const conntrackRules: readonly ProblemRule[] = [table, invalid];
