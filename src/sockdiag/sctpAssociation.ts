/**
 * sctp_diag (net/sctp/diag.c) lists behind a socket each of its associations, as a message of the same form. Its state is a number of enum sctp_state
 * (include/net/sctp/constants.h), not of a TCP state, and its timer one of enum sctp_event_timeout. Only associations have peers (INET_DIAG_PEERS).
 */
import { tcpStateNumbers, type StateName } from "./tcpState";

interface SctpState {
  readonly name: string;
  /** What a filter by state takes it for. */
  readonly alike: StateName;
}

const states: readonly SctpState[] = [
  { name: "CLOSED", alike: "unconnected" },
  { name: "COOKIE-WAIT", alike: "syn-sent" },
  { name: "COOKIE-ECHOED", alike: "syn-sent" },
  { name: "ESTAB", alike: "established" },
  { name: "SHUTDOWN-PENDING", alike: "fin-wait-1" },
  { name: "SHUTDOWN-SENT", alike: "fin-wait-2" },
  { name: "SHUTDOWN-RECEIVED", alike: "close-wait" },
  { name: "SHUTDOWN-ACK-SENT", alike: "last-ack" },
];

/** In the column of socket types, which inet sockets do not use: this bit, and the association's state. */
const ASSOCIATION = 0x80;

export const associationType = (state: number): number => ASSOCIATION | (state & 0x7f);

/** Undefined for what is no association. */
export function associationState(type: number): string | undefined {
  const state = type & ~ASSOCIATION;
  return type & ASSOCIATION ? (states[state]?.name ?? `state ${state}`) : undefined;
}

export const tcpStateOfSctp = (state: number): number => tcpStateNumbers[states[state]?.alike ?? "unconnected"];

/** SCTP_EVENT_TIMEOUT_T3_RTX is the only timer that is told. */
export const SCTP_TIMER_NAME = "T3-rtx";
