/** Streams out of other projects' tests, decoded in full: nothing is damaged or unknown, every attribute shows, and values are what those tests say. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readAttributes } from "../../src/netlink/attributes";
import { DumpReader, type DumpOutcome } from "../../src/netlink/dumpReader";
import { inetSocketAt, readInetDiagMessage } from "../../src/sockdiag/inetDiagMessage";
import { addressFamily } from "../../src/sockdiag/protocols";
import { SocketColumns } from "../../src/sockdiag/socketColumns";
import { readUnixAttributes, readUnixDiagMessage } from "../../src/sockdiag/unixDiag";
import { tcpStates } from "../../src/collectors/socketModel";

type Values = Readonly<Record<string, unknown>>;

interface Stream {
  readonly file: string;
  readonly kernel?: string;
  /** It ends as a dump does. */
  readonly isWhole?: boolean;
  readonly bytes: string;
  /** What its test says of each socket, in their order; `attributes`: how many there are. */
  readonly sockets: readonly Values[];
}

interface Project {
  readonly project: string;
  readonly streams: readonly Stream[];
}

const folder = join(import.meta.dirname, "../fixtures/sockdiag");
const projects = readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Project);

/** Which field an attribute shows in. */
const inetFields: Readonly<Record<number, string>> = {
  1: "memory", 2: "info", 3: "congestionInfo", 4: "congestion", 5: "tos", 6: "trafficClass", 7: "skMemory", 8: "shutdown", 9: "congestionInfo", 10: "protocol", 11: "v6Only",
  12: "locals", 13: "peers", 15: "mark", 16: "congestionInfo", 17: "classId", 18: "md5", 19: "ulp", 20: "bpfStorageBytes", 21: "cgroupId", 22: "options",
};
/** Lengths of queues and owners are columns. */
const unixFields: Readonly<Record<number, string | undefined>> = { 0: "name", 1: "file", 2: "peerInode", 3: "pending", 5: "skMemory", 6: "shutdown" };

function decode(stream: Stream): { readonly columns: SocketColumns; readonly outcome: DumpOutcome } {
  const columns = new SocketColumns("little");
  const reader = new DumpReader("little", stream.file, (buffer, start, end) => {
    if (buffer.bytes[start] === addressFamily.unix) readUnixDiagMessage(columns, buffer, start, end);
    else readInetDiagMessage(columns, 0, buffer, start, end);
    columns.keep();
  });
  reader.push(Buffer.from(stream.bytes, "hex"));
  return { columns, outcome: reader.outcome };
}

const typesOf = (columns: SocketColumns, row: number): readonly number[] => [...readAttributes(columns.tail(row), "little", "")].map(({ type }) => type);

function assertShown(attributes: object, types: readonly number[], fields: Readonly<Record<number, string | undefined>>): void {
  const wanted = new Set(types.flatMap((type) => fields[type] ?? []));
  assert.deepEqual(Object.keys(attributes).sort(), [...wanted].sort());
}

function inetValues(columns: SocketColumns, row: number): Values {
  const { local, remote, timer, attributes, state, family, ...rest } = inetSocketAt(columns, row);
  const types = typesOf(columns, row);
  assertShown(attributes, types, inetFields);
  assert.equal(attributes.info?.["unknown_tail"], undefined);
  const place = ({ address, port }: typeof local): string => `${family === "ipv6" ? `[${address}]` : address}:${port === 0 ? "*" : port}`;
  const { congestionInfo, ...others } = attributes;
  return { ...rest, ...timer, ...others, family, timer: timer?.name, state: tcpStates[state], local: place(local), remote: place(remote), attributes: types.length, congestionInfo: congestionInfo?.fields };
}

function unixValues(columns: SocketColumns, row: number): Values {
  const attributes = readUnixAttributes(columns.tail(row), "little", "");
  assertShown(attributes, typesOf(columns, row), unixFields);
  const { type, state, inode, recvQ, sendQ } = columns;
  return { ...attributes, family: "unix", type: type[row], state: tcpStates[state[row] ?? 0], inode: inode[row], recvQ: recvQ[row], sendQ: sendQ[row], cookie: columns.cookie(row) };
}

/** Of nested values those that are expected; 64-bit numbers are texts on one side. */
function assertHolds(actual: Values, expected: Values, path: string): void {
  for (const [name, value] of Object.entries(expected)) {
    const found = actual[name];
    if (typeof value === "object") assertHolds((found ?? {}) as Values, value as Values, `${path} ${name}`);
    else assert.equal(`${found as string | number}`, `${value as string | number}`, `${path} ${name}`);
  }
}

describe("streams of other projects' tests", () => {
  for (const { project, streams } of projects) {
    for (const stream of streams) {
      it(`${project} ${stream.file}${stream.kernel === undefined ? "" : ` (Linux ${stream.kernel})`}`, () => {
        const { columns, outcome } = decode(stream);
        assert.deepEqual(outcome, { complete: stream.isWhole === true, interrupted: false });
        assert.equal(columns.length, stream.sockets.length);
        for (const [row, expected] of stream.sockets.entries()) {
          const values = columns.family[row] === addressFamily.unix ? unixValues(columns, row) : inetValues(columns, row);
          assertHolds(values, expected, `socket ${row}`);
        }
      });
    }
  }
});
