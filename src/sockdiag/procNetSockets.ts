/**
 * /proc/net/tcp, tcp6, udp and udp6, the last resort: tcp4_seq_show in net/ipv4/tcp_ipv4.c and its kin print one line a socket.
 * Addresses are words of the target printed as hex numbers, so their bytes are in its order. What the text cannot tell stays
 * undefined: of a listener rx_queue is the length of its accept queue, and tx_queue, always 0 there, is *not* its limit.
 */
import type { Endianness } from "../base/byteReader";
import { ipv4Text, ipv6Text } from "../base/addressText";
import { hasOwner, shownState, timerNames, type InetEndpoint, type InetSocket } from "./inetDiagMessage";
import { tcpStateNumbers } from "./tcpState";

/** USER_HZ, the unit of the kernel's text interfaces on every architecture but old alphas. */
const MS_PER_TICK = 10;

export interface ProcSockets {
  readonly sockets: readonly InetSocket[];
  /** Lines that could not be read. */
  readonly damaged: number;
}

export function parseProcNetSockets(text: string, endianness: Endianness): ProcSockets {
  const lines = text.split("\n").slice(1).filter((line) => line.trim() !== "");
  const sockets = lines.flatMap((line) => parseLine(line, endianness) ?? []);
  return { sockets, damaged: lines.length - sockets.length };
}

const linePattern =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]+):([0-9A-F]+) ([0-9A-F]{2}):([0-9A-F]+) ([0-9A-F]+)\s+(\d+)\s+\d+ (\d+)/;

function parseLine(line: string, endianness: Endianness): InetSocket | undefined {
  const match = linePattern.exec(line);
  if (!match) return undefined;
  const [localAddress = "", localPort = "", remoteAddress = "", remotePort = ""] = match.slice(1);
  const [state = 0, sendQ = 0, recvQ = 0, timer = 0, expires = 0, retransmits = 0] = match.slice(5).map((word) => parseInt(word, 16));
  const [uid, inode] = [Number(match[11]), Number(match[12])];
  return {
    family: localAddress.length === 8 ? "ipv4" : "ipv6",
    state: shownState(state),
    local: endpoint(localAddress, localPort, endianness),
    remote: endpoint(remoteAddress, remotePort, endianness),
    interfaceIndex: 0,
    ...(timer > 0 && { timer: { name: timerNames[timer] ?? `timer ${timer}`, expiresMs: expires * MS_PER_TICK, retransmits } }),
    recvQ,
    ...(state !== tcpStateNumbers.listening && { sendQ }),
    ...(hasOwner(shownState(state), inode) && { uid, inode }),
    attributes: {},
  };
}

function endpoint(address: string, port: string, endianness: Endianness): InetEndpoint {
  const bytes = Buffer.from(address, "hex");
  if (endianness === "little") bytes.swap32();
  return { address: bytes.length === 4 ? ipv4Text(bytes) : ipv6Text(bytes), port: parseInt(port, 16) };
}
