/**
 * The few fields of the kernel's structures that our programs read, as C structures of our own: the fields stand where the target's own BTF says they
 * are, and the rest is padding. bpftrace could take whole structures from BTF itself, but it then hands everything that
 * hangs on them to its C parser (0.17 takes ten times as long to start for struct net_device beside a tracepoint), its versions
 * before 0.12 cannot look into many of them, and a field that a kernel lacks fails the whole program instead of one value.
 * Headers of packets are as the RFCs have them: 791, 8200, 9293.
 */

/** Where a field of a kernel structure lies, by its path; undefined: this kernel has none. Bytes. */
export type FieldPlaces = (structure: string, path: string) => number | undefined;

type Row = readonly [declaration: string, path: string];

interface Wanted {
  readonly kernel: string;
  readonly fields: readonly Row[];
}

/** In the order in which C wants them: what is pointed to comes first. */
const wanted: Readonly<Record<string, Wanted>> = {
  kn_net: { kernel: "net", fields: [["unsigned int inum", "ns.inum"], ["unsigned char syncookies", "ipv4.sysctl_tcp_syncookies"]] },
  kn_dev: { kernel: "net_device", fields: [["char name[16]", "name"], ["struct kn_net *net", "nd_net.net"]] },
  kn_sock: {
    kernel: "sock",
    fields: [
      ["unsigned int daddr", "__sk_common.skc_daddr"], ["unsigned int saddr", "__sk_common.skc_rcv_saddr"], ["unsigned short dport", "__sk_common.skc_dport"],
      ["unsigned short num", "__sk_common.skc_num"], ["unsigned short family", "__sk_common.skc_family"], ["unsigned char state", "__sk_common.skc_state"],
      ["struct kn_net *net", "__sk_common.skc_net.net"], ["unsigned char daddr6[16]", "__sk_common.skc_v6_daddr"], ["unsigned char saddr6[16]", "__sk_common.skc_v6_rcv_saddr"],
      ["unsigned int accepted", "sk_ack_backlog"], ["unsigned int backlog", "sk_max_ack_backlog"],
    ],
  },
  kn_listener: { kernel: "inet_connection_sock", fields: [["int requests", "icsk_accept_queue.qlen.counter"]] },
  kn_skb: {
    kernel: "sk_buff",
    fields: [
      ["struct kn_dev *dev", "dev"], ["struct kn_sock *sk", "sk"], ["unsigned short protocol", "protocol"], ["unsigned short transport_header", "transport_header"],
      ["unsigned short network_header", "network_header"], ["unsigned char *head", "head"],
    ],
  },
};

export type KernelStruct = keyof typeof wanted;

/** As much of a socket's address as a program prints: one of IPv4 or IPv6 in full, of a UNIX path 62 bytes. */
export const addressWords = ["word0", "word1", "word2", "word3", "word4", "word5", "word6", "word7"] as const;

/** Of the wire, and struct sockaddr: places never change. */
const headers = [
  "struct kn_tcp { unsigned short source; unsigned short dest; unsigned int seq; unsigned int ack; unsigned char offset; unsigned char flags; };",
  "struct kn_ip4 { unsigned char start; unsigned char tos; unsigned short length; unsigned int id; unsigned char ttl; unsigned char protocol; unsigned short check; unsigned int source; unsigned int dest; };",
  "struct kn_ip6 { unsigned int start; unsigned short length; unsigned char protocol; unsigned char hops; unsigned char source[16]; unsigned char dest[16]; };",
  `struct kn_address { ${addressWords.map((name) => `unsigned long long ${name};`).join(" ")} };`,
];

export interface KernelStructs {
  /** C text that comes before the probes. */
  readonly text: string;
  /** false: this kernel has no such field; a program that reads it would be refused. `kn_net.inum`. */
  readonly has: (field: string) => boolean;
}

const sizes: Readonly<Record<string, number>> = { char: 1, short: 2, int: 4 };

export function kernelStructs(places: FieldPlaces): KernelStructs {
  const known = new Set<string>();
  const texts = Object.entries(wanted).map(([name, { kernel, fields }]) => {
    const found = fields.flatMap(([declaration, path]) => {
      const offset = places(kernel, path);
      if (offset === undefined) return [];
      known.add(`${name}.${nameOf(declaration)}`);
      return [{ declaration, offset }];
    });
    return structText(name, found.sort((a, b) => a.offset - b.offset));
  });
  return { text: [...texts, ...headers].join("\n"), has: (field) => known.has(field) };
}

function structText(name: string, fields: readonly { readonly declaration: string; readonly offset: number }[]): string {
  let at = 0;
  const parts = fields.map(({ declaration, offset }, index) => {
    const padding = offset > at ? `char pad${index}[${offset - at}]; ` : "";
    at = offset + sizeOf(declaration);
    return `${padding}${declaration};`;
  });
  return `struct ${name} { ${parts.length === 0 ? "char nothing;" : parts.join(" ")} };`;
}

const nameOf = (declaration: string): string => /(\w+)(?:\[\d+\])?$/.exec(declaration)?.[1] ?? "";

function sizeOf(declaration: string): number {
  if (declaration.includes("*")) return 8;
  const count = Number(/\[(\d+)\]$/.exec(declaration)?.[1] ?? 1);
  return count * (sizes[/(\w+) \w+(?:\[\d+\])?$/.exec(declaration)?.[1] ?? ""] ?? 1);
}
