/**
 * Resets that answer a packet: tcp_v4_send_reset and tcp_v6_send_reset. Who calls them says at which stage of reception the packet was
 * refused; from tcp_v4_rcv itself three stages look alike, and only the socket tells them apart. Read in net/ipv4/tcp_ipv4.c,
 * net/ipv4/tcp_minisocks.c and net/ipv4/tcp_input.c of Linux 6.1 and 6.12.
 */
import { nearestMarker } from "./sourceContext";
import type { ResetCauseId } from "./cause";
import { certain, guess, likely, type ResetCase, type ResetRule, type Verdict } from "./resetVerdict";

const receivers = ["tcp_v4_rcv", "tcp_v6_rcv"];
const processors = ["tcp_v4_do_rcv", "tcp_v6_do_rcv"];

const isCalledFrom = (reset: ResetCase, functions: readonly string[]): boolean => reset.chain.caller !== undefined && functions.includes(reset.chain.caller);
const hasFlag = ({ facts }: ResetCase, flag: string): boolean | undefined => facts.packet && facts.packet.flags.includes(flag);

/** A SYN or ACK against a handshake in progress: both failures leave tcp_check_req through the same call. */
const pendingHandshake: ResetRule = (reset) => {
  if (!isCalledFrom(reset, ["tcp_check_req"])) return undefined;
  const isSyn = hasFlag(reset, "SYN");
  if (isSyn === undefined) return guess("accept-queue-full", ["syn-in-handshake"], "tcp_check_req refused a pending handshake; the packet's flags are not known.");
  if (isSyn) return certain("syn-in-handshake", "tcp_check_req refused the packet.", "The packet carries SYN.");
  return likely("accept-queue-full", ["out-of-resources"], "tcp_check_req could not complete the handshake.", "The packet carries ACK and no SYN: it was the last one of the handshake.");
};

/** The socket was found and its state machine refused the packet (tcp_rcv_state_process). */
const stateMachine: ResetRule = (reset) => {
  if (!isCalledFrom(reset, processors)) return undefined;
  const { socket } = reset.facts;
  if (!socket) return byReason(reset) ?? byReceiver(reset);
  const state = `The socket's state was ${socket.state}.`;
  switch (socket.state) {
    case "LISTEN":
      return certain("ack-to-listener", state);
    case "SYN-SENT":
      return certain("bad-ack-in-syn-sent", state);
    case "SYN-RECV":
    case "NEW-SYN-RECV":
      return certain("bad-ack-in-handshake", state);
    default:
      return afterClose(reset, state);
  }
};

/** tcp_v4_rcv hands packets of listeners on in a branch of their own, and says so beside it. */
function byReceiver({ chain, text }: ResetCase): Verdict {
  const others = ["data-after-close", "linger2-negative", "bad-ack-in-syn-sent", "bad-ack-in-handshake"] as const;
  const place = chain.find(...receivers)?.source;
  if (nearestMarker(place, text, { TCP_LISTEN: "listener" }, 2)) return likely("ack-to-listener", [], "The source beside the call is the branch for listeners.");
  const unknownState = "A socket's state machine refused the packet; the state is not known.";
  return place && text?.(place.file, place.line) !== undefined
    ? guess("data-after-close", others.slice(1), unknownState, "The source beside the call is not the branch for listeners.")
    : guess("ack-to-listener", others, unknownState);
}

/** By the time of the reset the socket may be CLOSE already (tcp_done), so the state says only that the connection had been closed here. */
function afterClose({ facts }: ResetCase, state: string): Verdict {
  const { socket, packet } = facts;
  if (socket?.linger2 !== undefined && socket.linger2 < 0 && socket.hasOwner !== true) {
    return certain("linger2-negative", state, "No process holds the socket any more, and its TCP_LINGER2 is negative.");
  }
  const data = packet?.payload === undefined || packet.payload === 0 ? [] : [`The packet carries ${packet.payload} bytes of data.`];
  const orphan = socket?.hasOwner === false ? ["No process holds the socket any more."] : [];
  if (data.length > 0) return certain("data-after-close", state, ...orphan, ...data);
  // A negative TCP_LINGER2 has the same call, state and reason.
  if (!packet && socket?.linger2 === undefined) return guess("data-after-close", ["linger2-negative"], state, "Neither TCP_LINGER2 nor the packet is known.");
  return facts.reason === "TCP_ABORT_ON_DATA" ? certain("data-after-close", state, ...orphan) : likely("data-after-close", ["linger2-negative"], state, ...orphan);
}

/** NAT passes over what connection tracking calls INVALID, and what it calls so has no entry. The socket that the packet was meant for has the same peer. */
const escapedNat: ResetRule = (reset) => {
  const { socket, packet, conntrack, nearby, complete } = reset.facts;
  if (!isCalledFrom(reset, receivers) || socket || !packet || !nearby || complete === false || conntrack === "entry") return undefined;
  const tuples = [
    "The lookup found no socket for the packet's addresses and ports.",
    ...(packet.destination ? [`The packet was for ${placeText(packet.destination)}.`] : []),
    `This host has a connection with the same peer: ${placeText(nearby.local)} ↔ ${placeText(nearby.remote)} ${nearby.state}.`,
  ];
  return conntrack === "none"
    ? certain("nat-not-applied", ...tuples, "Connection tracking knows nothing of the packet: it was INVALID, and was not translated.")
    : likely("nat-not-applied", ["no-connection"], ...tuples);
};

const placeText = ({ address, port }: { readonly address: string; readonly port?: number }): string => `${address.includes(":") ? `[${address}]` : address}:${port ?? "?"}`;

const withoutSocket: ResetRule = (reset) => {
  if (!isCalledFrom(reset, receivers) || reset.facts.socket || reset.facts.complete === false) return undefined;
  const none = "The lookup found no socket for the packet's addresses and ports.";
  if (!reset.facts.packet) return isConnecting(reset) ? likely("no-listener", ["no-connection"], none, connecting) : guess("no-connection", ["no-listener"], none);
  return hasFlag(reset, "SYN") && !hasFlag(reset, "ACK")
    ? certain("no-listener", none, "The packet carries SYN: it asked for a new connection.")
    : certain("no-connection", none, `The packet carries ${reset.facts.packet.flags.join(", ") || "no flag"}: it is part of a connection.`);
};

const withSocket: ResetRule = (reset) => {
  const { socket } = reset.facts;
  if (!isCalledFrom(reset, receivers) || !socket) return undefined;
  if (socket.state !== "TIME-WAIT") return likely("bad-ack-in-handshake", ["data-after-close"], `The new connection refused the packet that should complete it (state ${socket.state}).`);
  const substate = socket.substate === undefined ? [] : [`It stands for a socket in ${socket.substate}.`];
  const data = reset.facts.packet?.payload ? [`The packet carries ${reset.facts.packet.payload} bytes of data.`] : [];
  return certain("time-wait", "The lookup found a TIME-WAIT entry.", ...substate, ...data);
};

const receiverMarkers: Readonly<Record<string, "no-connection" | "time-wait" | "bad-ack-in-handshake">> = {
  no_tcp_socket: "no-connection", bad_packet: "no-connection", tcp_checksum_complete: "no-connection",
  TCP_TW_RST: "time-wait", inet_twsk_deschedule_put: "time-wait",
  tcp_child_process: "bad-ack-in-handshake",
};

/** A stack without its event: the words beside the source line are all there is to go by. */
const receiverBySource: ResetRule = (reset) => {
  if (!isCalledFrom(reset, receivers)) return undefined;
  const reason = byReason(reset);
  if (reason) return reason;
  const found = nearestMarker(reset.chain.find(...receivers)?.source, reset.text, receiverMarkers);
  const spoken = "The source beside the call speaks of this stage.";
  switch (found) {
    case undefined:
      return isConnecting(reset)
        ? guess("no-listener", ["no-connection", "time-wait", "bad-ack-in-handshake"], fourStages, connecting)
        : guess("no-connection", ["no-listener", "time-wait", "bad-ack-in-handshake"], fourStages);
    case "no-connection":
      return isConnecting(reset)
        ? likely("no-listener", ["no-connection"], spoken, connecting)
        : guess("no-connection", ["no-listener"], spoken, "Whether the packet was a SYN is not known.");
    default:
      return likely(found, [], spoken);
  }
};

/** Over loopback the sender's system call is at the bottom of the same stack. */
const isConnecting = ({ chain }: ResetCase): boolean => chain.all.some((call) => call.function === "tcp_connect");

const fourStages = "Four stages of reception call from this function.";
const connecting = "The stack below shows a connect() of this host.";

const reasons: Readonly<Record<string, ResetCauseId>> = {
  NO_SOCKET: "no-connection", TCP_TIMEWAIT_SOCKET: "time-wait", TCP_FLAGS: "ack-to-listener", TCP_INVALID_ACK_SEQUENCE: "bad-ack-in-syn-sent", TCP_RFC7323_PAWS: "bad-ack-in-syn-sent",
  TCP_ABORT_ON_DATA: "data-after-close", TCP_ABORT_ON_LINGER: "linger2-negative",
  TCP_OLD_ACK: "bad-ack-in-handshake", TCP_TOO_OLD_ACK: "bad-ack-in-handshake", TCP_ACK_UNSENT_DATA: "bad-ack-in-handshake",
};

function byReason(reset: ResetCase): Verdict | undefined {
  const { reason = "" } = reset.facts;
  const id = reasons[reason];
  if (id === undefined) return undefined;
  const own = `The kernel's own reason is ${reason}.`;
  // NO_SOCKET stands for a SYN to a closed port and for a segment of a connection that is gone.
  if (id === "no-connection") return isConnecting(reset) ? likely("no-listener", ["no-connection"], own, connecting) : guess("no-connection", ["no-listener"], own);
  return reason === "TCP_ABORT_ON_DATA" ? guess(id, ["linger2-negative"], own, "A negative TCP_LINGER2 has the same one.") : likely(id, [], own);
}

export const passiveResetRules: readonly ResetRule[] = [pendingHandshake, stateMachine, escapedNat, withoutSocket, withSocket, receiverBySource];
