/** TCP states as bits of idiag_states; numbers of include/net/tcp_states.h. */
export const tcpStateNumbers = {
  established: 1,
  "syn-sent": 2,
  "syn-recv": 3,
  "fin-wait-1": 4,
  "fin-wait-2": 5,
  "time-wait": 6,
  /** TCP_CLOSE; for UDP it means “not connected”. */
  unconnected: 7,
  "close-wait": 8,
  "last-ack": 9,
  listening: 10,
  closing: 11,
} as const;

/** A request socket: shown as SYN-RECV by every kernel, never by its own number. */
export const NEW_SYN_RECV = 12;
export const BOUND_INACTIVE = 13;

export type StateName = keyof typeof tcpStateNumbers;

/** Bits of the states, for idiag_states. */
export const stateMask = (...states: readonly StateName[]): number => states.reduce((mask, state) => mask | (1 << tcpStateNumbers[state]), 0);

/** Every state a kernel may know now or later, but for bound-inactive sockets, which ss does not list either unless asked. */
export const allStates = 0xfff;
