import { sockaddrWords } from "../../bpftrace/callProgram";
import type { Endianness } from "../../base/byteReader";
import { ipv4Text, ipv6Text } from "../../base/addressText";
import { addressFamily } from "../../sockdiag/protocols";
import { endpointText } from "../endpointText";

const unspecified = 0;
/** struct sockaddr_un begins with the family; a path that a program printed in part ends with the last word. */
const pathStart = 2;

/**
 * What a `struct sockaddr *` points to: `10.0.0.1:80`, `[::1]:80`, `/run/app.sock`, `@abstract`; of another family its number. connect(2) with AF_UNSPEC dissolves a
 * connection, so that is told as well.
 *
 * @param words by `sockaddrWords`, as they lie in memory
 * @returns undefined when nothing could be read there, as of a process's own memory
 */
export function addressArgument(words: readonly bigint[], endianness: Endianness): string | undefined {
  if (words.every((word) => word === 0n)) return undefined;
  const view = new DataView(new ArrayBuffer(8 * sockaddrWords.length));
  for (const [at, word] of words.entries()) view.setBigUint64(8 * at, word, endianness === "little");
  const bytes = new Uint8Array(view.buffer);
  const family = view.getUint16(0, endianness === "little");
  const port = view.getUint16(2);
  switch (family) {
    case unspecified:
      return "AF_UNSPEC";
    case addressFamily.ipv4:
      return endpointText({ address: ipv4Text(bytes.subarray(4, 8)), port });
    case addressFamily.ipv6:
      return endpointText({ address: ipv6Text(bytes.subarray(8, 24)), port });
    case addressFamily.unix:
      return pathText(bytes.subarray(pathStart));
    default:
      return `address of family ${family}`;
  }
}

/** An abstract name begins with a zero byte; its length is not at hand, so what follows the next one is left. */
function pathText(bytes: Uint8Array): string {
  const isAbstract = bytes[0] === 0;
  const rest = isAbstract ? bytes.subarray(1) : bytes;
  const end = rest.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? rest : rest.subarray(0, end));
  if (text === "") return "(unnamed)";
  return `${isAbstract ? "@" : ""}${text}${end < 0 ? "…" : ""}`;
}
