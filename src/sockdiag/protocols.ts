/** The families of sockets that sock_diag lists, and the protocols as rows name them. */

export type Family = "ipv4" | "ipv6" | "unix" | "netlink" | "packet" | "vsock" | "xdp";

/** The order is that of the numbers kept in columns. */
export const protocols = ["tcp", "udp", "udplite", "raw", "sctp", "mptcp", "unix", "netlink", "packet", "vsock", "xdp"] as const;
export type Protocol = (typeof protocols)[number];

export const protocolIndex = (protocol: Protocol): number => protocols.indexOf(protocol);

/** AF_* of include/linux/socket.h. */
export const addressFamily = { unix: 1, ipv4: 2, ipv6: 10, netlink: 16, packet: 17, vsock: 40, xdp: 44 } as const;

const families: ReadonlyMap<number, Family> = new Map(Object.entries(addressFamily).map(([name, number]) => [number, name as Family]));

export const familyName = (number: number): Family | undefined => families.get(number);

/** Protocols that inet_diag lists, by the kernel's numbers (include/uapi/linux/in.h); RAW stands for every protocol number. */
export const inetProtocols = { tcp: 6, udp: 17, udplite: 136, raw: 255, sctp: 132, mptcp: 262 } as const;
export type InetProtocol = keyof typeof inetProtocols;

/** sctp_diag takes no INET_DIAG_REQ_BYTECODE: it lists all sockets of the states. */
export const runsBytecode = (protocol: Protocol): boolean => isInetProtocol(protocol) && protocol !== "sctp";

export const isInetProtocol = (protocol: Protocol): protocol is InetProtocol => Object.hasOwn(inetProtocols, protocol);
