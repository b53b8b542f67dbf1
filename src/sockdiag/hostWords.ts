import { addressFamily } from "./protocols";
import type { HostCondition } from "./filterExpression";

/** An address prefix as the words that columns hold: `(row ^ word) & mask` is 0 for a match. */
export interface HostWords {
  readonly family: typeof addressFamily.ipv4 | typeof addressFamily.ipv6;
  readonly bits: number;
  readonly words: Uint32Array;
  readonly masks: Uint32Array;
}

/** undefined when the condition names no address. A v4-mapped prefix stays one of IPv6, which only IPv6 sockets match, as in the kernel. */
export function hostWords({ address, prefixLength }: HostCondition): HostWords | undefined {
  if (!address) return undefined;
  const bits = prefixLength ?? address.length * 8;
  const words = new Uint32Array(4);
  for (const [at, byte] of address.entries()) words[at >> 2] = ((words[at >> 2] ?? 0) << 8) | byte;
  return { family: address.length === 4 ? addressFamily.ipv4 : addressFamily.ipv6, bits, words, masks: masksOf(bits) };
}

function masksOf(bits: number): Uint32Array {
  return Uint32Array.from({ length: 4 }, (_, word) => {
    const own = Math.min(32, Math.max(0, bits - 32 * word));
    return own === 0 ? 0 : -1 << (32 - own);
  });
}
