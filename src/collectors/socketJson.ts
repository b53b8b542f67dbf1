import type { SocketRow } from "./socketModel";

/** The fields are a contract with scripts; null means “not known”. */
export function socketJson(row: SocketRow): object {
  const { netns, recvQ, sendQ, uid, inode, ...rest } = row;
  return { netns: { inode: netns.inode, name: netns.name }, ...rest, recvQ: recvQ ?? null, sendQ: sendQ ?? null, uid: uid ?? null, inode: inode ?? null };
}
