/** Numbers of the IANA registries “IEEE 802 Numbers” and “Protocol Numbers”, as far as they are met in practice. */
const etherTypes: ReadonlyMap<number, string> = new Map([
  [0x0800, "IPv4"], [0x0806, "ARP"], [0x8035, "RARP"], [0x8100, "802.1Q"], [0x86dd, "IPv6"], [0x8808, "Ethernet flow control"], [0x8809, "LACP"], [0x8847, "MPLS"],
  [0x8863, "PPPoE discovery"], [0x8864, "PPPoE"], [0x888e, "802.1X"], [0x88a8, "802.1ad"], [0x88cc, "LLDP"], [0x88e5, "MACsec"], [0x88f7, "PTP"], [0x0004, "802.2 LLC"],
]);

const transports: ReadonlyMap<number, string> = new Map([
  [0, "hop-by-hop options"], [1, "ICMP"], [2, "IGMP"], [4, "IPIP"], [6, "TCP"], [17, "UDP"], [33, "DCCP"], [41, "IPv6-in-IP"], [43, "routing header"], [44, "fragment"], [46, "RSVP"],
  [47, "GRE"], [50, "ESP"], [51, "AH"], [58, "ICMPv6"], [89, "OSPF"], [103, "PIM"], [112, "VRRP"], [115, "L2TP"], [132, "SCTP"], [136, "UDPLITE"],
]);

export const etherTypeName = (value: number): string => etherTypes.get(value) ?? `0x${value.toString(16).padStart(4, "0")}`;

export const transportName = (value: number): string => transports.get(value) ?? `IP protocol ${value}`;
