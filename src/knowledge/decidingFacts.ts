import type { ResetFacts } from "./resetFacts";

/**
 * All of a reset that its cause hangs on, beside the stack: what is equal in it and of one stack has one cause. What only gives evidence its words, ends, processes,
 * lengths, is left out, so a flood has few of these.
 */
export function decidingFacts({ kind, socket, packet, conntrack, nearby, reason, complete }: ResetFacts): string {
  const ofSocket = socket ? `${socket.state} ${socket.hasOwner} ${socket.linger2 === undefined ? "" : socket.linger2 < 0}` : "";
  const ofPacket = packet ? `${packet.flags.includes("SYN")} ${packet.flags.includes("ACK")} ${(packet.payload ?? 0) > 0}` : "";
  return `${kind}|${ofSocket}|${ofPacket}|${conntrack}|${nearby !== undefined}|${reason}|${complete}`;
}
