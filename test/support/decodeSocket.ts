/** One message decoded into columns and out again, for tests that look at single sockets. */
import type { Endianness } from "../../src/base/byteReader";
import type { MessageBuffer } from "../../src/netlink/dumpReader";
import { inetSocketAt, readInetDiagMessage, type InetSocket } from "../../src/sockdiag/inetDiagMessage";
import { SocketColumns } from "../../src/sockdiag/socketColumns";

export const messageBuffer = (bytes: Uint8Array): MessageBuffer => ({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), where: "test" });

export function decodeOne(bytes: Uint8Array, endianness: Endianness, read: (columns: SocketColumns, buffer: MessageBuffer, start: number, end: number) => void): SocketColumns {
  const columns = new SocketColumns(endianness);
  read(columns, messageBuffer(bytes), 0, bytes.length);
  columns.keep();
  return columns;
}

export const inetSocketOf = (bytes: Uint8Array, endianness: Endianness, protocol = 0): InetSocket =>
  inetSocketAt(decodeOne(bytes, endianness, (columns, buffer, start, end) => readInetDiagMessage(columns, protocol, buffer, start, end)), 0);
