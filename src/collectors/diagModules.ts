import type { DiagModule } from "../probes/diagModule";
import type { Protocol } from "../sockdiag/protocols";

const known: Readonly<Record<Protocol, readonly [module: string, option: string, family: string]>> = {
  tcp: ["tcp_diag", "CONFIG_INET_TCP_DIAG", "TCP"],
  udp: ["udp_diag", "CONFIG_INET_UDP_DIAG", "UDP"],
  udplite: ["udp_diag", "CONFIG_INET_UDP_DIAG", "UDP-Lite"],
  raw: ["raw_diag", "CONFIG_INET_RAW_DIAG", "RAW"],
  sctp: ["sctp_diag", "CONFIG_INET_SCTP_DIAG", "SCTP"],
  mptcp: ["mptcp_diag", "CONFIG_INET_MPTCP_DIAG", "MPTCP"],
  unix: ["unix_diag", "CONFIG_UNIX_DIAG", "UNIX"],
  netlink: ["netlink_diag", "CONFIG_NETLINK_DIAG", "NETLINK"],
  packet: ["af_packet_diag", "CONFIG_PACKET_DIAG", "PACKET"],
  vsock: ["vsock_diag", "CONFIG_VSOCKETS_DIAG", "AF_VSOCK"],
  xdp: ["xsk_diag", "CONFIG_XDP_SOCKETS_DIAG", "XDP"],
};

/** What lists the sockets of a protocol. */
export function diagModuleOf(protocol: Protocol): DiagModule {
  const [module, option, family] = known[protocol];
  return { module, option, family };
}
