import { readStream } from "../collectors/readStream";
import type { SocketsSnapshot } from "../collectors/socketModel";

/** Sockets of a raw netlink stream, as `ss -D` writes it. `name` is for messages. */
export const readSocketStream = (bytes: Uint8Array, name: string, filter: string): SocketsSnapshot => readStream(bytes, { filter, where: name });
