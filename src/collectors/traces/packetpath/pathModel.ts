import type { LoggedPacket } from "../invalidModel";
import type { TracedEvent } from "../traceModel";

/** One packet's way through the rules of a network namespace. */
export interface PathEvent extends TracedEvent {
  readonly type: "path";
  readonly packet: LoggedPacket;
  /** In the order in which it met them; our own rule is none of them. */
  readonly steps: readonly PathStep[];
}

export interface PathStep {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** The rule that decided or was passed through, as nft writes it; undefined: the chain's policy or end. */
  readonly rule?: string;
  /** `accept`, `drop`, `continue`, `return`, `jump NAME`, `goto NAME`, `queue`, … */
  readonly verdict: string;
}

export interface PathFilter {
  readonly protocol?: "tcp" | "udp" | "icmp";
  /** Addresses or prefixes, `10.0.0.0/8`, `2001:db8::1`. */
  readonly source?: string;
  readonly destination?: string;
}

export const stepPlace = ({ family, table, chain }: PathStep): string => `${family} ${table} ${chain}`;

/** `rule “tcp dport 80 drop” of ip filter INPUT`, `the policy of ip filter INPUT`. */
export const stepText = (step: PathStep): string => (step.rule === undefined ? `the policy of ${stepPlace(step)}` : `rule “${step.rule}” of ${stepPlace(step)}`);
