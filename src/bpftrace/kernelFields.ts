/**
 * The few fields of the kernel's structures that our programs read, as reads of so many bytes at the place where the target's own BTF has them. Programs
 * that name no type need no headers, no BTF that bpftrace itself would have to understand, and no C parser, which is most of the time that
 * it takes to start: the same program text serves every version since 0.9.4 on every kernel (0.11 refuses any C definition where linux/types.h is not
 * installed, and its libbpf gives up on the BTF of newer kernels). A field that a kernel lacks reads as zero instead of failing the whole program.
 */

/** Where a field of a kernel structure lies, by its path; undefined: this kernel has none. Bytes. */
export type FieldPlaces = (structure: string, path: string) => number | undefined;

export type IntegerType = "uint8" | "uint16" | "uint32" | "uint64" | "int32";

const fields = {
  "net.inum": ["net", "ns.inum", "uint32"],
  "net.syncookies": ["net", "ipv4.sysctl_tcp_syncookies", "uint8"],
  "dev.name": ["net_device", "name", "uint64"],
  "dev.net": ["net_device", "nd_net.net", "uint64"],
  "sock.daddr": ["sock", "__sk_common.skc_daddr", "uint32"],
  "sock.saddr": ["sock", "__sk_common.skc_rcv_saddr", "uint32"],
  "sock.daddr6": ["sock", "__sk_common.skc_v6_daddr", "uint64"],
  "sock.saddr6": ["sock", "__sk_common.skc_v6_rcv_saddr", "uint64"],
  "sock.dport": ["sock", "__sk_common.skc_dport", "uint16"],
  "sock.num": ["sock", "__sk_common.skc_num", "uint16"],
  "sock.family": ["sock", "__sk_common.skc_family", "uint16"],
  "sock.state": ["sock", "__sk_common.skc_state", "uint8"],
  "sock.net": ["sock", "__sk_common.skc_net.net", "uint64"],
  "sock.shutdown": ["sock", "sk_shutdown", "uint8"],
  "sock.type": ["sock", "sk_type", "uint16"],
  "sock.socket": ["sock", "sk_socket", "uint64"],
  "sock.accepted": ["sock", "sk_ack_backlog", "uint32"],
  "sock.backlog": ["sock", "sk_max_ack_backlog", "uint32"],
  "socket.file": ["socket", "file", "uint64"],
  "inet.sport": ["inet_sock", "inet_sport", "uint16"],
  "tcp.linger2": ["tcp_sock", "linger2", "int32"],
  "timewait.substate": ["inet_timewait_sock", "tw_substate", "uint8"],
  "listener.requests": ["inet_connection_sock", "icsk_accept_queue.qlen.counter", "int32"],
  "skb.dev": ["sk_buff", "dev", "uint64"],
  "skb.sk": ["sk_buff", "sk", "uint64"],
  "skb.users": ["sk_buff", "users.refs.counter", "int32"],
  "skb.protocol": ["sk_buff", "protocol", "uint16"],
  "skb.transport_header": ["sk_buff", "transport_header", "uint16"],
  "skb.network_header": ["sk_buff", "network_header", "uint16"],
  "skb.head": ["sk_buff", "head", "uint64"],
  "skb.nfct": ["sk_buff", "_nfct", "uint64"],
} as const satisfies Readonly<Record<string, readonly [structure: string, path: string, type: IntegerType]>>;

export type KernelField = keyof typeof fields;

export class KernelFields {
  constructor(private readonly places: FieldPlaces) {}

  /** Whether this kernel has them all. */
  has(...names: readonly KernelField[]): boolean {
    return names.every((name) => this.place(name) !== undefined);
  }

  /** The field's value; `base` is an expression for where its structure begins. */
  of(name: KernelField, base: string): string {
    return this.word(name, base, 0);
  }

  /** Eight bytes of a field that has more, from so many bytes behind its start. */
  word(name: KernelField, base: string, behind: number): string {
    const place = this.place(name);
    return place === undefined ? "0" : readAt(fields[name][2], base, place + behind);
  }

  private place(name: KernelField): number | undefined {
    const [structure, path] = fields[name];
    return this.places(structure, path);
  }
}

/** What a null pointer leads to reads as zero in every version. */
export const readAt = (type: IntegerType, base: string, offset: number): string => `*(${type} *)(${base} + ${offset})`;
