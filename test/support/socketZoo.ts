/** Sockets described in words, as columns: what the kernel would have sent of them. */
import { protocolIndex } from "../../src/sockdiag/protocols";
import { filterPredicate, type RowPredicate } from "../../src/sockdiag/filterPredicate";
import type { FilterExpression } from "../../src/sockdiag/filterExpression";
import { readInetDiagMessage } from "../../src/sockdiag/inetDiagMessage";
import { SocketColumns } from "../../src/sockdiag/socketColumns";
import { readUnixDiagMessage } from "../../src/sockdiag/unixDiag";
import { messageBuffer } from "./decodeSocket";
import { attribute, ByteWriter, inetDiagPayload } from "./netlinkWriter";
import type { FilterableSocket } from "./referenceFilter";

export const interfaces: ReadonlyMap<string, number> = new Map([["lo", 1], ["eth0", 2], ["eth1", 3]]);
export const portRange: readonly [number, number] = [32768, 60999];

export function columnsOf(sockets: readonly FilterableSocket[], endianness: "little" | "big" = "little"): SocketColumns {
  const columns = new SocketColumns(endianness);
  for (const socket of sockets) {
    if (socket.family === "unix") addUnix(columns, socket);
    else addInet(columns, socket);
    columns.netns[columns.length] = 0;
    columns.keep();
  }
  return columns;
}

export function predicateOf(expression: FilterExpression, columns: SocketColumns): RowPredicate {
  return filterPredicate(expression, columns, { portRange: () => portRange, interfaceIndex: (_netns, name) => interfaces.get(name), cgroupId: (path) => (path === "/app" ? 42n : undefined) });
}

function addInet(columns: SocketColumns, socket: FilterableSocket): void {
  const { endianness } = columns;
  const at = ({ address, port }: FilterableSocket["local"]): readonly [string, number] => [address, port ?? 0];
  const attributes = [
    attribute(endianness, 8, (writer) => writer.u8(0)),
    ...(socket.mark === undefined ? [] : [attribute(endianness, 15, (writer) => writer.u32(socket.mark ?? 0))]),
    ...(socket.cgroup === undefined ? [] : [attribute(endianness, 21, (writer) => writer.u64(BigInt(socket.cgroup?.slice(3) ?? 0)))]),
  ];
  const bytes = inetDiagPayload(endianness, { state: 1, local: at(socket.local), remote: at(socket.remote), interfaceIndex: interfaces.get(socket.interface ?? "") ?? 0, inode: 7, attributes });
  readInetDiagMessage(columns, protocolIndex("tcp"), messageBuffer(bytes), 0, bytes.length);
}

function addUnix(columns: SocketColumns, { local }: FilterableSocket): void {
  const name = attribute(columns.endianness, 0, (writer) => writer.bytes(Buffer.from(local.address)));
  const bytes = new ByteWriter(columns.endianness).u8(1, 1, 1, 0).u32(9, 1, 0).bytes(name).done();
  readUnixDiagMessage(columns, messageBuffer(bytes), 0, bytes.length);
}
