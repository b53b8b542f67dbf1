/** NETLINK_* of include/uapi/linux/netlink.h, by the names that ss prints. */
const names: Readonly<Record<number, string>> = {
  0: "rtnl", 1: "unused", 2: "usersock", 3: "fw", 4: "tcpdiag", 5: "nflog", 6: "xfrm", 7: "selinux", 8: "iscsi", 9: "audit", 10: "fiblookup", 11: "connector",
  12: "nft", 13: "ip6fw", 14: "dec-rt", 15: "uevent", 16: "genl", 18: "scsi-trans", 19: "ecryptfs", 20: "rdma", 21: "crypto", 22: "smc",
};

export const netlinkProtocolName = (number: number): string => names[number] ?? String(number);

/** undefined when it is neither a number nor a known name. */
export function netlinkProtocolNumber(text: string): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const found = Object.entries(names).find(([, name]) => name === text.toLowerCase());
  return found && Number(found[0]);
}
