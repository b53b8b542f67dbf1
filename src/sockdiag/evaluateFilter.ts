import { parseAddress } from "./addressText";
import { unreachable } from "../base/errors";
import type { Comparison, FilterExpression, HostCondition } from "./filterExpression";

/** What a filter looks at. Addresses as text; a unix socket's is its name. */
export interface FilterableSocket {
  readonly family: string;
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
    case "host": return matchesHost(expression.host, socket, socket[expression.side]);
    case "port": return comparePorts(expression.comparison, socket[expression.side].port, expression.port);
    case "device": return socket.interface === expression.name;
    case "mark": return socket.mark !== undefined && ((socket.mark ^ expression.mark) & expression.mask) === 0;
    case "cgroup": return socket.cgroup === expression.id;
    case "autobound": return isAutobound(socket.local.port, portRange);
    default: return unreachable(expression);
  }
}

function matchesHost(host: HostCondition, socket: FilterableSocket, endpoint: FilterableEndpoint): boolean {
  if (host.unixName !== undefined) return socket.family === "unix" && globMatches(host.unixName, endpoint.address);
  if (socket.family === "unix") return host.address === undefined && host.port === undefined;
  if (host.port !== undefined && host.port !== endpoint.port) return false;
  return host.address === undefined || matchesPrefix(plainBytes(parseAddress(endpoint.address)), plainPrefix(host.address, host.prefixLength ?? host.address.length * 8));
}

interface Prefix {
  readonly address: Uint8Array;
  readonly bits: number;
}

/** v4-mapped addresses compare as IPv4, on either side. */
function plainPrefix(address: Uint8Array, bits: number): Prefix {
  const plain = plainBytes(address) ?? address;
  return plain.length === address.length || bits < 96 ? { address, bits } : { address: plain, bits: bits - 96 };
}

function plainBytes(address: Uint8Array | undefined): Uint8Array | undefined {
  if (address?.length !== 16) return address;
  const mapped = address.subarray(0, 10).every((byte) => byte === 0) && address[10] === 0xff && address[11] === 0xff;
  return mapped ? address.subarray(12) : address;
}

function matchesPrefix(address: Uint8Array | undefined, prefix: Prefix): boolean {
  if (address?.length !== prefix.address.length) return false;
  const whole = prefix.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== prefix.address[i]) return false;
  const rest = prefix.bits & 7;
  return rest === 0 || (((address[whole] ?? 0) ^ (prefix.address[whole] ?? 0)) >> (8 - rest)) === 0;
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

const isAutobound = (port: number | undefined, range: readonly [number, number] | undefined): boolean =>
  port !== undefined && range !== undefined && port >= range[0] && port <= range[1];

/** `*` any characters, `?` one; backtracks over the last star only, so no pattern is slow. */
export function globMatches(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === "*") [star, mark, p] = [p, t, p + 1];
    else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, mark, t] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  return pattern.slice(p).replaceAll("*", "") === "";
}
