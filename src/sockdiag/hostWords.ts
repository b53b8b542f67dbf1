import { addressFamily } from "./protocols";
import type { HostCondition } from "./filterExpression";

/** An address prefix as the words that columns hold: `(row ^ word) & mask` is 0 for a match. */
export interface HostWords {
  readonly family: typeof addressFamily.ipv4 | typeof addressFamily.ipv6;
  readonly bits: number;
  readonly words: Uint32Array;
  readonly masks: Uint32Array;
}

const MAPPED_BITS = 96;

/** undefined when the condition names no address. A prefix inside the v4-mapped addresses is the IPv4 prefix: both mean the same sockets. */
export function hostWords({ address, prefixLength }: HostCondition): HostWords | undefined {
  if (!address) return undefined;
  const bits = prefixLength ?? address.length * 8;
  const words = new Uint32Array(4);
  for (const [at, byte] of address.entries()) words[at >> 2] = ((words[at >> 2] ?? 0) << 8) | byte;
  if (address.length === 4) return { family: addressFamily.ipv4, bits, words, masks: masksOf(bits) };
  const isMapped = bits >= MAPPED_BITS && words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  if (!isMapped) return { family: addressFamily.ipv6, bits, words, masks: masksOf(bits) };
  const v4 = bits - MAPPED_BITS;
  return { family: addressFamily.ipv4, bits: v4, words: Uint32Array.of(words[3] ?? 0, 0, 0, 0), masks: masksOf(v4) };
}

function masksOf(bits: number): Uint32Array {
  return Uint32Array.from({ length: 4 }, (_, word) => {
    const own = Math.min(32, Math.max(0, bits - 32 * word));
    return own === 0 ? 0 : -1 << (32 - own);
  });
}
