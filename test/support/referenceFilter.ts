/** What a filter means, said as plainly as possible and slowly: the truth that the predicate on columns and the kernel's program are held against. */
import { unreachable } from "../../src/base/errors";
import { parseAddress } from "../../src/base/addressText";
import type { Comparison, FilterExpression, HostCondition } from "../../src/sockdiag/filterExpression";
import { globMatches } from "../../src/sockdiag/globMatches";

/** What a filter looks at. Addresses as text; a unix socket's is its name. */
export interface FilterableSocket {
  readonly family: "ipv4" | "ipv6" | "unix";
  readonly local: FilterableEndpoint;
  readonly remote: FilterableEndpoint;
  readonly interface?: string;
  readonly mark?: number;
  readonly cgroup?: string;
}

export interface FilterableEndpoint {
  readonly address: string;
  readonly port?: number;
}

/** What is not known of a socket (its mark, without rights) does not match. */
export function evaluateFilter(expression: FilterExpression, socket: FilterableSocket, portRange?: readonly [number, number]): boolean {
  switch (expression.kind) {
    case "and": return evaluateFilter(expression.left, socket, portRange) && evaluateFilter(expression.right, socket, portRange);
    case "or": return evaluateFilter(expression.left, socket, portRange) || evaluateFilter(expression.right, socket, portRange);
    case "not": return !evaluateFilter(expression.operand, socket, portRange);
    case "host": return matchesHost(expression.host, socket, expression.side);
    case "port": return comparePorts(expression.comparison, socket[expression.side].port, expression.port);
    case "device": return socket.interface === expression.name;
    case "mark": return socket.mark !== undefined && (BigInt(socket.mark) & BigInt(expression.mask)) === (BigInt(expression.mark) & BigInt(expression.mask));
    case "cgroup": return socket.cgroup === expression.cgroup;
    case "autobound": return socket.family === "unix" ? /^@[0-9a-f]{5}$/.test(socket.local.address) : socket.local.port !== undefined && portRange !== undefined && socket.local.port >= portRange[0] && socket.local.port <= portRange[1];
    default: return unreachable(expression);
  }
}

function matchesHost(host: HostCondition, socket: FilterableSocket, side: "local" | "remote"): boolean {
  if (host.unixName !== undefined) return socket.family === "unix" && globMatches(host.unixName, side === "local" ? socket.local.address : "");
  if (host.other) return false;
  if (socket.family === "unix") return host.address === undefined && host.port === undefined;
  const endpoint = socket[side];
  if (host.port !== undefined && host.port !== endpoint.port) return false;
  return host.address === undefined || matchesPrefix(parseAddress(endpoint.address) ?? assertNever(), host.address, host.prefixLength ?? host.address.length * 8);
}

/** An IPv4 prefix is the mapped prefix too; an IPv6 prefix wants an IPv6 socket. */
function matchesPrefix(address: Uint8Array, prefix: Uint8Array, bits: number): boolean {
  const [mine, theirs] = [asMapped(address), asMapped(prefix)];
  const mappedBits = prefix.length === 4 ? bits + 96 : bits;
  if (prefix.length === 16 && address.length === 4) return false;
  return mine >> BigInt(128 - mappedBits) === theirs >> BigInt(128 - mappedBits);
}

const asMapped = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), bytes.length === 4 ? 0xffffn : 0n);

function assertNever(): never {
  throw new Error("no address");
}

function comparePorts(comparison: Comparison, port: number | undefined, than: number): boolean {
  if (port === undefined) return false;
  switch (comparison) {
    case "=": return port === than;
    case "!=": return port !== than;
    case "<": return port < than;
    case ">": return port > than;
    case "<=": return port <= than;
    case ">=": return port >= than;
    default: return unreachable(comparison);
  }
}
