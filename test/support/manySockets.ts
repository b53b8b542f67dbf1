import { SocketTable } from "../../src/collectors/socketTable";
import { addressWords } from "../../src/base/addressText";
import { readInetDiagMessage } from "../../src/sockdiag/inetDiagMessage";
import { protocolIndex } from "../../src/sockdiag/protocols";
import { SocketColumns } from "../../src/sockdiag/socketColumns";
import { messageBuffer } from "./decodeSocket";
import { attribute, inetDiagPayload } from "./netlinkWriter";

const owner = { pid: 812, name: "nginx", fd: 6 };
const places = new Map([[0, { netns: { inode: 4026531840, name: "init", isInit: true }, interfaces: new Map<number, string>(), files: new Map<string, string>() }]]);

/**
 * As many TCP sockets as wanted, as the kernel would have sent them, with tcp_info of 248 bytes: one message read again and again, with other addresses,
 * queues, cookies and round-trip times each time.
 */
export function manySockets(count: number): SocketTable {
  const columns = new SocketColumns("little");
  const info = attribute("little", 2, (writer) => writer.bytes(new Uint8Array(248)));
  const bytes = inetDiagPayload("little", { state: 1, local: ["10.0.0.1", 443], remote: ["10.9.0.1", 50_000], inode: 5001, uid: 33, attributes: [attribute("little", 8, (writer) => writer.u8(0)), info] });
  const buffer = messageBuffer(bytes);
  const { view } = buffer;
  const infoAt = bytes.length - 248;
  const [remote = 0] = addressWords("10.9.0.0");
  for (let index = 0; index < count; index++) {
    const spread = Math.imul(index, 2654435761) >>> 0;
    view.setUint8(1, index % 10 === 0 ? 6 : 1);
    view.setUint8(2, index % 3);
    view.setUint16(6, 1024 + (spread % 60_000));
    view.setUint32(24, remote + index);
    view.setUint32(44, index + 1, true);
    view.setUint32(52, spread % 7_200_000, true);
    view.setUint32(60, spread % 5000, true);
    view.setUint32(infoAt + 68, spread % 100_000, true);
    view.setUint32(infoAt + 80, 10, true);
    readInetDiagMessage(columns, protocolIndex("tcp"), buffer, 0, bytes.length);
    columns.netns[columns.length] = 0;
    columns.keep();
  }
  columns.trim();
  return new SocketTable(columns, { places, owners: new Map([[5001, [owner]]]), cgroups: new Map() });
}
