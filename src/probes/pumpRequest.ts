import type { Endianness } from "../base/byteReader";

/** One pass over a host. */
export interface PumpRequest {
  /** Netlink family of the socket, and one message in the target's byte order with a sequence number of its own. */
  readonly requests: readonly { readonly protocol: number; readonly message: Uint8Array }[];
  /** Read inside each namespace. Paths of ours, never a user's. */
  readonly files: readonly string[];
  /** Files of /proc/net with the same sockets as text, read instead when the kernel cannot be asked. */
  readonly procFiles: readonly string[];
  /** Which process holds which socket: of a small answer only those of its sockets, of the sockets with these inodes, or of all there are. */
  readonly owners: boolean | "all" | readonly number[];
  /** Paths of all cgroups by number. */
  readonly cgroups?: boolean;
  /** false: only the namespace we arrive in. */
  readonly allNamespaces: boolean;
  /** Inode of the only namespace to be entered, whatever else is there: for requests that change something. */
  readonly onlyNamespace?: number;
  /** Words for `ss -D -`, when it comes to that: states and extensions. */
  readonly ssArguments: readonly string[];
}

/** The first words for a pump: which namespaces (`0` the one it arrives in, `1` all, any other number the one with this inode), owners (`2`: all), cgroups. */
export const pumpFlags = ({ allNamespaces, onlyNamespace, owners, cgroups = false }: PumpRequest): string[] =>
  [onlyNamespace ?? allNamespaces, owners === "all" ? 2 : owners !== false, cgroups].map((flag) => String(Number(flag)));

/** The requests as a pump reads them: u32 protocol, then the message with its own length, padded to four bytes. */
export function requestBytes(request: PumpRequest, endianness: Endianness): Uint8Array {
  return Buffer.concat(
    request.requests.flatMap(({ protocol, message }) => {
      const prefix = Buffer.alloc(4);
      if (endianness === "little") prefix.writeUInt32LE(protocol);
      else prefix.writeUInt32BE(protocol);
      return [prefix, message, Buffer.alloc(-message.length & 3)];
    }),
  );
}

/** A pass as a resident pump reads it: a line `pass` with its flags and the lengths of what follows, the paths of files a line each, the requests, inodes whose owners are wanted with a blank between. */
export function passBytes(request: PumpRequest, endianness: Endianness): Uint8Array {
  const [paths, requests] = [Buffer.from(request.files.join("\n")), requestBytes(request, endianness)];
  const inodes = Buffer.from(typeof request.owners === "object" ? request.owners.join(" ") : "");
  return Buffer.concat([Buffer.from(`pass ${pumpFlags(request).join(" ")} ${paths.length} ${requests.length} ${inodes.length}\n`), paths, requests, inodes]);
}

/** While a pass goes on: what is still to come may come compressed, in frames `gzip`. */
export const squeezeLine = "squeeze\n";
