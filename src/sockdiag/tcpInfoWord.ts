import type { Endianness } from "../base/byteReader";
import { align4 } from "../netlink/netlinkMessage";

/** Offsets of 32-bit fields of struct tcp_info, which all kernels have at the same place. */
export const tcpInfoOffset = { rtt: 68, snd_cwnd: 80, total_retrans: 100 } as const;

const INET_DIAG_INFO = 2;

/** One field of the tcp_info among a row's attributes, without making an object; undefined when it is not there. */
export function tcpInfoWord(tail: Uint8Array, endianness: Endianness, offset: number): number | undefined {
  const little = endianness === "little";
  const half = (at: number): number => (little ? (tail[at] ?? 0) | ((tail[at + 1] ?? 0) << 8) : ((tail[at] ?? 0) << 8) | (tail[at + 1] ?? 0));
  for (let at = 0; at + 4 <= tail.length; ) {
    const length = half(at);
    if (length < 4 || at + length > tail.length) return undefined;
    if ((half(at + 2) & 0x3fff) === INET_DIAG_INFO) {
      if (offset + 4 > length - 4) return undefined;
      const [first, second] = [half(at + 4 + offset), half(at + 6 + offset)];
      return (little ? first | (second << 16) : (first << 16) | second) >>> 0;
    }
    at += align4(length);
  }
  return undefined;
}
