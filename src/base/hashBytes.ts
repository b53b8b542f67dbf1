/** FNV-1a over the bytes from `start` up to a zero or the end: a hash of a name in a string table. Unsigned, 32 bits. */
export function hashBytes(bytes: Uint8Array, start: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) break;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  // The low bits choose a chain, and FNV mixes upwards.
  return (hash ^ (hash >>> 15)) >>> 0;
}
