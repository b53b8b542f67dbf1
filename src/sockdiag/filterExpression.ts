/** What a filter means. Language: ss(8) of iproute2; precedence as its manual has it (`and` before `or`). */
import { DomainError } from "../base/errors";

export type Comparison = "=" | "!=" | "<" | ">" | "<=" | ">=";

export type FilterExpression =
  | { readonly kind: "and" | "or"; readonly left: FilterExpression; readonly right: FilterExpression }
  | { readonly kind: "not"; readonly operand: FilterExpression }
  | { readonly kind: "host"; readonly side: Side; readonly host: HostCondition }
  | { readonly kind: "port"; readonly side: Side; readonly comparison: Comparison; readonly port: number }
  | { readonly kind: "device"; readonly name: string }
  | { readonly kind: "mark"; readonly mark: number; readonly mask: number }
  /** `id:N`, or a path of the host, whose number is looked up there. */
  | { readonly kind: "cgroup"; readonly cgroup: string }
  | { readonly kind: "autobound" };

export type Side = "local" | "remote";

/** All that is given must match. */
export interface HostCondition {
  /** Four or 16 bytes, and how many of their bits count. */
  readonly address?: Uint8Array;
  readonly prefixLength?: number;
  readonly port?: number;
  /** A unix socket's name, with `*` and `?`. */
  readonly unixName?: string;
  /** Netlink protocol, vsock context id or Ethernet protocol; without a number every one of them. */
  readonly other?: { readonly family: "netlink" | "vsock" | "packet"; readonly number?: number };
}

export interface SocketFilter {
  /** Bits of idiag_states, for the kernel. */
  readonly states: number;
  /** Absent: every socket of these states. */
  readonly expression?: FilterExpression;
}

/** `filter/syntax`, `filter/address`, `filter/port`, `filter/state`, `filter/unsupported`, with the place in the text. */
export class FilterError extends DomainError {
  /**
   * @param position of the first wrong character, from 0
   * @param length   of the wrong part; 0 at the end of the text
   */
  constructor(code: string, message: string, readonly position: number, readonly length: number) {
    super(code, message, `filter, column ${position + 1}`);
  }
}
