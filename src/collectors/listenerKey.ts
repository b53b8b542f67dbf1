import type { Listener } from "./socketModel";

/** What tells one listener from another for as long as it lives: its namespace and inode, else its address. */
export function listenerKey(listener: Pick<Listener, "netns" | "family" | "protocol" | "inode" | "local">): string {
  const identity = listener.inode ?? `${listener.local.address}:${listener.local.port ?? ""}`;
  return `${listener.netns.inode}/${listener.family}/${listener.protocol}/${identity}`;
}
