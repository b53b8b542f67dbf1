/** `192.0.2.1` of four bytes in network order. */
export const ipv4Text = (bytes: Uint8Array): string => bytes.subarray(0, 4).join(".");

/** RFC 5952 text of 16 bytes in network order; v4-mapped addresses as `::ffff:192.0.2.1`. */
export function ipv6Text(bytes: Uint8Array): string {
  if (isMapped(bytes)) return `::ffff:${ipv4Text(bytes.subarray(12))}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const [start, length] = longestZeroRun(groups);
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** The address whose network-order bytes make this word. */
export const ipv4OfWord = (word: number): string => `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;

/** As `ipv6Text`, of four words. */
export const ipv6OfWords = (words: Uint32Array): string => ipv6Text(Uint8Array.from([...words].flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff])));

/** Four words in network order of a text that is an address; of an IPv4 address the first one. */
export function addressWords(text: string): Uint32Array {
  const bytes = parseAddress(text) ?? new Uint8Array(0);
  const words = new Uint32Array(4);
  for (const [at, byte] of bytes.entries()) words[at >> 2] = ((words[at >> 2] ?? 0) << 8) | byte;
  return words;
}

/** Whether 16 bytes are `::ffff:a.b.c.d`. */
export const isMapped = (bytes: Uint8Array): boolean => bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && isZero(bytes.subarray(0, 10));

export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Four or 16 bytes, v4-mapped ones as their four. undefined when the text is no address. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** A v4-mapped address as IPv4, anything else as it is: the form in which addresses of both families are compared. */
export function plainAddress(text: string): string {
  return text.startsWith("::ffff:") && text.includes(".") ? text.slice(7) : text;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail) {
    const v4 = parseIpv4(tail[2] ?? "");
    if (!v4) return undefined;
    const words = [((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0)];
    return parseIpv6(`${tail[1] ?? ""}${words.map((word) => word.toString(16)).join(":")}`);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, rest] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const given = [...(head ?? []), ...(rest ?? [])];
  if (!given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  if (halves.length === 1 ? given.length !== 8 : given.length > 7) return undefined;
  const groups = halves.length === 1 ? given : [...(head ?? []), ...Array<string>(8 - given.length).fill("0"), ...(rest ?? [])];
  return Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]));
}

function longestZeroRun(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - i > best[1]) best = [i, end - i];
    i = Math.max(i, end - 1);
  }
  return best;
}
