import type { Endianness } from "../../base/byteReader";
import { networkPort, networkWord } from "../../bpftrace/networkOrder";
import type { Btf } from "../../btf/btf";
import { fieldPlace } from "../../btf/fieldPlace";
import { ipv4OfWord, ipv6Text, isMapped, plainAddress } from "../../base/addressText";
import { addressFamily } from "../../sockdiag/protocols";
import { tcpStates, type TcpState } from "../socketModel";
import { fetchHalves, halvesOf, numberOf, pointerOf, type FetchedFields } from "./fetchedFields";
import type { ResetSocket } from "./resetModel";

const fetched: readonly (readonly [name: string, structure: string, path: string, type: string])[] = [
  ["family", "sock", "__sk_common.skc_family", "u16"], ["state", "sock", "__sk_common.skc_state", "u8"], ["num", "sock", "__sk_common.skc_num", "u16"], ["dport", "sock", "__sk_common.skc_dport", "u16"],
  ["saddr", "sock", "__sk_common.skc_rcv_saddr", "u32"], ["daddr", "sock", "__sk_common.skc_daddr", "u32"], ["sport", "inet_sock", "inet_sport", "u16"],
  ["shutdown", "sock", "sk_shutdown", "u8"], ["owner", "sock", "sk_socket", "x64"], ["linger2", "tcp_sock", "linger2", "s32"], ["substate", "inet_timewait_sock", "tw_substate", "u8"],
];
const fetched6 = [["saddr6", "__sk_common.skc_v6_rcv_saddr"], ["daddr6", "__sk_common.skc_v6_daddr"]] as const;

/** Fetch arguments for the socket that is a function's first argument. Without types its address alone. */
export function socketFetch(types: Btf | undefined): readonly string[] {
  const place = (structure: string, path: string): number | undefined => types && fieldPlace(types, structure, path);
  return [
    "sk=$arg1:x64",
    ...fetched.flatMap(([name, structure, path, type]) => {
      const offset = place(structure, path);
      return offset === undefined ? [] : [`${name}=+${offset}($arg1):${type}`];
    }),
    ...fetched6.flatMap(([name, path]) => {
      const offset = place("sock", path);
      return offset === undefined ? [] : fetchHalves(name, (behind) => `+${offset + behind}($arg1)`);
    }),
  ];
}

/** What a socket speaks; a dual-stack one that speaks IPv4 has mapped addresses. */
export function socketVersion(fields: FetchedFields, endianness: Endianness): 4 | 6 {
  if (numberOf(fields, "family") !== addressFamily.ipv6) return 4;
  const remote = halvesOf(fields, "daddr6", endianness);
  return remote !== undefined && isMapped(remote) ? 4 : 6;
}

/** undefined without a socket, and when its addresses could not be fetched. */
export function fetchedSocket(fields: FetchedFields, endianness: Endianness): ResetSocket | undefined {
  const [from, to] = [addressOf(fields, "saddr", endianness), addressOf(fields, "daddr", endianness)];
  if (!pointerOf(fields, "sk") || from === undefined || to === undefined) return undefined;
  const number = (name: string): number => numberOf(fields, name);
  const state = stateName(number("state"));
  return {
    local: { address: from, port: number("num") || networkPort(number("sport"), endianness) },
    remote: { address: to, port: networkPort(number("dport"), endianness) },
    state,
    ...fateOf(fields, state),
  };
}

const stateName = (state: number): TcpState => tcpStates[state] ?? "UNKNOWN";

/** The two small kinds of sockets end before the fields of the others. */
function fateOf(fields: FetchedFields, state: TcpState): Partial<ResetSocket> {
  if (state === "TIME-WAIT") return fields.has("substate") ? { substate: stateName(numberOf(fields, "substate")) } : {};
  if (state === "NEW-SYN-RECV") return {};
  const owner = pointerOf(fields, "owner");
  return {
    ...(owner === undefined ? {} : { hasOwner: owner !== 0n }),
    ...(isNumber(fields, "linger2") ? { linger2: numberOf(fields, "linger2") } : {}),
    ...(isNumber(fields, "shutdown") ? { shutdown: numberOf(fields, "shutdown") } : {}),
  };
}

const isNumber = (fields: FetchedFields, name: string): boolean => /^-?\d+$/.test(fields.get(name) ?? "");

/** In plain text, mapped ones as IPv4. undefined when it was not fetched, or the socket is of neither family. */
function addressOf(fields: FetchedFields, name: string, endianness: Endianness): string | undefined {
  switch (numberOf(fields, "family")) {
    case addressFamily.ipv4:
      return ipv4OfWord(networkWord(numberOf(fields, name), endianness));
    case addressFamily.ipv6: {
      const bytes = halvesOf(fields, `${name}6`, endianness);
      return bytes && plainAddress(ipv6Text(bytes));
    }
    default:
      return undefined;
  }
}
