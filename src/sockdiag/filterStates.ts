/** The names that follow `state` and `exclude`: states and their groups, as ss(8) has them. */
import { allStates, BOUND_INACTIVE, stateMask, tcpStateNumbers, type StateName } from "./tcpState";

const connected = allStates & ~stateMask("unconnected", "listening");
const bucket = stateMask("syn-recv", "time-wait");

const groups: Readonly<Record<string, number>> = {
  all: allStates,
  connected,
  synchronized: connected & ~stateMask("syn-sent"),
  bucket,
  big: allStates & ~bucket,
  close: stateMask("unconnected"),
  closed: stateMask("unconnected"),
  listen: stateMask("listening"),
  estab: stateMask("established"),
  "bound-inactive": 1 << BOUND_INACTIVE,
};

/** Bits of idiag_states; undefined for no such name. */
export function statesNamed(name: string): number | undefined {
  const lower = name.toLowerCase();
  if (Object.hasOwn(groups, lower)) return groups[lower];
  return Object.hasOwn(tcpStateNumbers, lower) ? stateMask(lower as StateName) : undefined;
}

/** For completion and messages. */
export const stateNames: readonly string[] = [...Object.keys(tcpStateNumbers), ...Object.keys(groups)];

/** Names of the states of a mask, as ss writes them behind `state`. */
export function stateText(mask: number): string {
  const names = Object.entries(tcpStateNumbers).flatMap(([name, number]) => (mask & (1 << number) ? [name] : []));
  return [...names, ...(mask & (1 << BOUND_INACTIVE) ? ["bound-inactive"] : [])].join(" ");
}
