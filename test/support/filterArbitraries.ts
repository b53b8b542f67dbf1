/** Filters and sockets at random, close enough to each other that conditions hold about as often as not. */
import fc from "fast-check";
import { parseAddress } from "../../src/base/addressText";
import type { FilterExpression } from "../../src/sockdiag/filterExpression";
import type { DiagEntry } from "./bytecodeInterpreter";
import type { FilterableSocket } from "./referenceFilter";
import { interfaces } from "./socketZoo";

const v4 = fc.constantFrom("10.1.2.3", "10.1.2.4", "10.9.0.1", "127.0.0.1", "0.0.0.0", "192.0.2.1");
const mapped = v4.map((text) => `::ffff:${text}`);
const v6 = fc.oneof(mapped, fc.constantFrom("::", "::1", "2001:db8::1", "2001:db8::2", "2001:db8:1::1", "fe80::1"));
const port = fc.constantFrom(0, 1, 22, 80, 443, 32768, 45678, 60999, 65534, 65535);
const mark = fc.constantFrom(0, 1, 0x12, 0xffff_ffff);
const side = fc.constantFrom("local", "remote");

const host = fc.oneof(v4, v6).chain((text) => {
  const address = parseAddress(text) ?? new Uint8Array(0);
  return fc.record({ address: fc.constant(address), prefixLength: fc.oneof(fc.nat(address.length * 8), fc.constant(address.length * 8)) });
});

const condition: fc.Arbitrary<FilterExpression> = fc.oneof(
  fc.record({ kind: fc.constant("port" as const), side, comparison: fc.constantFrom("=", "!=", "<", ">", "<=", ">="), port }),
  fc.record({ kind: fc.constant("host" as const), side, host: fc.oneof(host, port.map((number) => ({ port: number })), fc.tuple(host, port).map(([given, number]) => ({ ...given, port: number })), fc.constant({})) }),
  fc.record({ kind: fc.constant("mark" as const), mark, mask: fc.constantFrom(0xffff_ffff, 0xf, 0) }),
  fc.record({ kind: fc.constant("cgroup" as const), cgroup: fc.constantFrom("id:42", "id:7", "id:0") }),
  fc.record({ kind: fc.constant("device" as const), name: fc.constantFrom("lo", "eth0") }),
  fc.constant({ kind: "autobound" as const }),
  fc.record({ kind: fc.constant("host" as const), side, host: fc.constantFrom({ unixName: "*" }, { unixName: "/run/*" }, { other: { family: "netlink" as const } }) }),
);

export const filterExpression: fc.Arbitrary<FilterExpression> = fc.letrec<{ expression: FilterExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    condition,
    fc.record({ kind: fc.constant("not" as const), operand: tie("expression") }),
    fc.record({ kind: fc.constantFrom("and" as const, "or" as const), left: tie("expression"), right: tie("expression") }),
  ),
})).expression;

/** An inet socket that the kernel knows all about. */
export interface KnownSocket extends FilterableSocket {
  readonly family: "ipv4" | "ipv6";
  readonly mark: number;
  readonly cgroup: string;
}

export const inetSocket: fc.Arbitrary<KnownSocket> = fc.constantFrom("ipv4" as const, "ipv6" as const).chain((family) => {
  const endpoint = fc.record({ address: family === "ipv4" ? v4 : v6, port });
  const known = fc.record({ family: fc.constant(family), local: endpoint, remote: endpoint, mark, cgroup: fc.constantFrom("id:42", "id:7") });
  return fc.tuple(known, fc.constantFrom(undefined, "lo", "eth0")).map(([socket, device]) => ({ ...socket, ...(device !== undefined && { interface: device }) }));
});

export function entryOf({ family, local, remote, interface: device, mark: value, cgroup }: KnownSocket, boundPort: boolean): DiagEntry {
  return {
    family: family === "ipv4" ? 2 : 10,
    source: parseAddress(local.address) ?? new Uint8Array(0),
    destination: parseAddress(remote.address) ?? new Uint8Array(0),
    sport: local.port ?? 0,
    dport: remote.port ?? 0,
    interfaceIndex: interfaces.get(device ?? "") ?? 0,
    mark: value,
    cgroupId: BigInt(cgroup.slice(3)),
    boundPort,
  };
}
