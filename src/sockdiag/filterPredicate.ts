/**
 * A filter as a function of a row: what of it the kernel did not do is done here, on columns, without making an object for a
 * socket that does not match. Meaning of each condition as in the kernel (inet_diag_bc_run in net/ipv4/inet_diag.c), so that it does
 * not matter where it runs: IPv4 conditions match v4-mapped addresses too, and what a socket does not have (the mark of
 * one in TIME-WAIT, a unix socket's port) does not match.
 */
import { unreachable } from "../base/errors";
import { readAttributes } from "../netlink/attributes";
import type { Comparison, FilterExpression, HostCondition, Side } from "./filterExpression";
import { globMatches } from "./globMatches";
import { hostWords, type HostWords } from "./hostWords";
import { attributeAt } from "./inetDiagAttributes";
import { addressFamily } from "./protocols";
import type { SocketColumns } from "./socketColumns";
import { unixName } from "./unixDiag";

export type RowPredicate = (row: number) => boolean;

/** What a condition needs to know about the namespace of a row, by its number. */
export interface FilterPlace {
  /** Ports the kernel gives to sockets that ask for none. */
  portRange(netns: number): readonly [first: number, last: number] | undefined;
  /** undefined: there is no such interface. */
  interfaceIndex(netns: number, name: string): number | undefined;
  /** The number of a cgroup by its path, undefined: not known. */
  cgroupId(path: string): bigint | undefined;
}

const MARK = 15;
const CGROUP_ID = 21;

export function filterPredicate(expression: FilterExpression, columns: SocketColumns, place: FilterPlace): RowPredicate {
  const compile = (part: FilterExpression): RowPredicate => filterPredicate(part, columns, place);
  switch (expression.kind) {
    case "and": {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return (row) => left(row) && right(row);
    }
    case "or": {
      const [left, right] = [compile(expression.left), compile(expression.right)];
      return (row) => left(row) || right(row);
    }
    case "not": {
      const operand = compile(expression.operand);
      return (row) => !operand(row);
    }
    case "host": return hostPredicate(expression.host, expression.side, columns);
    case "port": return portPredicate(expression.side, expression.comparison, expression.port, columns);
    case "device": {
      const { name } = expression;
      return (row) => columns.interfaceIndex[row] !== 0 && columns.interfaceIndex[row] === place.interfaceIndex(columns.netns[row] ?? 0, name);
    }
    case "mark": {
      const { mark, mask } = expression;
      return inetOnly(columns, (row) => {
        const value = attributeAt(columns, row, MARK)?.getUint32(0, columns.endianness === "little");
        return value !== undefined && ((value ^ mark) & mask) === 0;
      });
    }
    case "cgroup": return cgroupPredicate(expression.cgroup, columns, place);
    case "autobound": return (row) => {
      if (columns.family[row] === addressFamily.unix) return autoName.test(nameOf(columns, row));
      if (!isInet(columns.family[row])) return false;
      const range = place.portRange(columns.netns[row] ?? 0);
      const port = columns.localPort[row] ?? 0;
      return range !== undefined && port >= range[0] && port <= range[1];
    };
    default: return unreachable(expression);
  }
}

const isInet = (family: number | undefined): boolean => family === addressFamily.ipv4 || family === addressFamily.ipv6;

const inetOnly = (columns: SocketColumns, predicate: RowPredicate): RowPredicate => (row) => isInet(columns.family[row]) && predicate(row);

function cgroupPredicate(cgroup: string, columns: SocketColumns, place: FilterPlace): RowPredicate {
  const given = /^id:(\d+)$/.exec(cgroup)?.[1];
  let known = given === undefined ? undefined : BigInt(given);
  return inetOnly(columns, (row) => {
    known ??= place.cgroupId(cgroupPath(cgroup));
    return known !== undefined && attributeAt(columns, row, CGROUP_ID)?.getBigUint64(0, columns.endianness === "little") === known;
  });
}

/** Below the mount of cgroup2, which people write in front of it or not. */
export const cgroupPath = (text: string): string => text.replace(/^\/sys\/fs\/cgroup(?:\/unified)?(?=\/|$)/, "") || "/";

function hostPredicate(host: HostCondition, side: Side, columns: SocketColumns): RowPredicate {
  const { unixName: pattern, other, port } = host;
  if (pattern !== undefined) return unixPredicate(pattern, side, columns);
  const onPort: RowPredicate = port === undefined ? () => true : portPredicate(side, "=", port, columns);
  if (other) {
    const family = addressFamily[other.family];
    return (row) => columns.family[row] === family && (other.number === undefined || wordsOf(columns, side)[4 * row] === other.number) && onPort(row);
  }
  const words = hostWords(host);
  return words ? (row) => onPort(row) && matchesAddress(words, columns.family[row], wordsOf(columns, side), 4 * row) : onPort;
}

const wordsOf = (columns: SocketColumns, side: Side): Uint32Array => (side === "local" ? columns.localAddress : columns.remoteAddress);

function matchesAddress({ family, words, masks }: HostWords, rowFamily: number | undefined, column: Uint32Array, at: number): boolean {
  const same = (offset: number, word: number): boolean => (((column[at + offset] ?? 0) ^ (words[word] ?? 0)) & (masks[word] ?? 0)) === 0;
  if (family === addressFamily.ipv6) return rowFamily === family && same(0, 0) && same(1, 1) && same(2, 2) && same(3, 3);
  if (rowFamily === addressFamily.ipv4) return same(0, 0);
  return rowFamily === addressFamily.ipv6 && column[at] === 0 && column[at + 1] === 0 && column[at + 2] === 0xffff && same(3, 0);
}

/** A unix socket knows its own name; its peer's is not told, and is empty as that of a socket without one. */
function unixPredicate(pattern: string, side: Side, columns: SocketColumns): RowPredicate {
  const matchesNone = globMatches(pattern, "");
  return (row) => columns.family[row] === addressFamily.unix && (side === "remote" ? matchesNone : globMatches(pattern, nameOf(columns, row)));
}

/** unix_autobind of net/unix/af_unix.c gives abstract names of five hexadecimal digits. */
const autoName = /^@[0-9a-f]{5}$/;

function nameOf(columns: SocketColumns, row: number): string {
  for (const { type, payload } of readAttributes(columns.tail(row), columns.endianness, "name")) if (type === 0) return unixName(payload);
  return "";
}

/** Families without ports match no comparison. */
function portPredicate(side: Side, comparison: Comparison, than: number, columns: SocketColumns): RowPredicate {
  const port = (row: number): number => (side === "local" ? columns.localPort[row] : columns.remotePort[row]) ?? 0;
  const has = (row: number): boolean => hasPorts.has(columns.family[row] ?? 0);
  switch (comparison) {
    case "=": return (row) => port(row) === than && has(row);
    case "!=": return (row) => port(row) !== than && has(row);
    case "<": return (row) => port(row) < than && has(row);
    case ">": return (row) => port(row) > than && has(row);
    case "<=": return (row) => port(row) <= than && has(row);
    case ">=": return (row) => port(row) >= than && has(row);
    default: return unreachable(comparison);
  }
}

const hasPorts: ReadonlySet<number> = new Set([addressFamily.ipv4, addressFamily.ipv6, addressFamily.netlink, addressFamily.vsock]);
