import type { Btf } from "../../btf/btf";
import { fieldPlace } from "../../btf/fieldPlace";
import type { Endianness } from "../../base/byteReader";
import { networkPort, networkWord } from "../../bpftrace/networkOrder";
import { fromProbe } from "../../bpftrace/resetRecord";
import { resetFunctions, versionOf } from "../../bpftrace/resetProgram";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import { ipv4OfWord, ipv6Text, isMapped, plainAddress } from "../../sockdiag/addressText";
import { addressFamily } from "../../sockdiag/protocols";
import { tcpStates, type Endpoint } from "../socketModel";
import { chainOf } from "./chainFrame";
import { kindOf } from "./resetKind";
import type { ResetEvent, ResetSocket } from "./resetModel";
import type { ResetProbes } from "./resetProbes";
import { fieldsOfText, type TextEvent, type TextEventSource } from "./textEvents";

type Fields = ReadonlyMap<string, string>;

/** Of a socket, by name: which field of struct sock, how many bytes behind its start, as what. IPv6 addresses come in two halves. */
const fetched: readonly (readonly [name: string, path: string, behind: number, type: string])[] = [
  ["family", "__sk_common.skc_family", 0, "u16"], ["state", "__sk_common.skc_state", 0, "u8"], ["num", "__sk_common.skc_num", 0, "u16"], ["dport", "__sk_common.skc_dport", 0, "u16"],
  ["saddr", "__sk_common.skc_rcv_saddr", 0, "u32"], ["daddr", "__sk_common.skc_daddr", 0, "u32"],
  ["saddr6", "__sk_common.skc_v6_rcv_saddr", 0, "x64"], ["saddr6end", "__sk_common.skc_v6_rcv_saddr", 8, "x64"],
  ["daddr6", "__sk_common.skc_v6_daddr", 0, "x64"], ["daddr6end", "__sk_common.skc_v6_daddr", 8, "x64"],
];

/**
 * Probes of the functions that send resets, with what can be fetched of the socket. A packet's headers lie at a place that is itself a
 * field, which fetch arguments cannot follow, so the packet is not known.
 *
 * @param types undefined where there is no BTF: the stack alone is known then
 */
export function resetTextEvents({ probes, reasons }: ResetProbes, types: Btf | undefined, endianness: Endianness): TextEventSource<ResetEvent> {
  const fields = fetched.flatMap(([name, path, behind, type]) => {
    const offset = types && fieldPlace(types, "sock", path);
    return offset === undefined ? [] : [`${name}=+${offset + behind}($arg1):${type}`];
  });
  const sport = types && fieldPlace(types, "inet_sock", "inet_sport");
  const socket = ["sk=$arg1:x64", ...fields, ...(sport === undefined ? [] : [`sport=+${sport}($arg1):u16`])];
  return {
    probes: new Map(probes.map(({ function: name, reasonArgument }) => {
      const reason = reasonArgument === undefined ? [] : [`reason=$arg${reasonArgument + 1}:s32`];
      return [name, name.startsWith("nf_") ? name : [name, ...socket, ...reason].join(" ")];
    })),
    tracepoints: [],
    event: (event) => resetOf(event, reasons, endianness),
    notes: ["Only bpftrace reads packets: here the packets that provoked resets are not known, some causes are less certain, and a reset that came in for no socket counts as if it had been answered."],
  };
}

function resetOf({ name, text, comm, pid, stack: frames }: TextEvent, reasons: ReadonlyMap<number, string>, endianness: Endianness): ResetEvent | undefined {
  const sender = resetFunctions.find((known) => known === name);
  if (!sender) return undefined;
  const stack = fromProbe(frames, sender);
  const fields = fieldsOfText(text);
  const socket = socketOf(fields, endianness);
  const reason = fields.get("reason");
  return {
    type: "reset",
    kind: kindOf(sender),
    family: (versionOf(sender) ?? socketVersion(fields, endianness)) === 6 ? "ipv6" : "ipv4",
    ...(socket ? { socket } : {}),
    ...(reason === undefined ? {} : { reason: reasons.get(Number(reason)) ?? reason }),
    complete: false,
    process: { pid, name: comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    stack,
  };
}

/** What a socket speaks; a dual-stack one that speaks IPv4 has mapped addresses. */
function socketVersion(fields: Fields, endianness: Endianness): 4 | 6 {
  if (numberOf(fields, "family") !== addressFamily.ipv6) return 4;
  const remote = address6(fields, "daddr6", endianness);
  return remote !== undefined && isMapped(remote) ? 4 : 6;
}

/** undefined without a socket: what hangs on a null pointer is `(fault)`. */
function socketOf(fields: Fields, endianness: Endianness): ResetSocket | undefined {
  if (!/^0x[0-9a-f]*[1-9a-f]/.test(fields.get("sk") ?? "")) return undefined;
  const number = (name: string): number => numberOf(fields, name);
  const [from, to] = [addressOf(fields, "saddr", endianness), addressOf(fields, "daddr", endianness)];
  if (from === undefined || to === undefined) return undefined;
  const local: Endpoint = { address: from, port: number("num") || networkPort(number("sport"), endianness) };
  const remote: Endpoint = { address: to, port: networkPort(number("dport"), endianness) };
  return { local, remote, state: tcpStates[number("state")] ?? "UNKNOWN" };
}

/** In plain text, mapped ones as IPv4. undefined when it was not fetched, or the socket is of neither family. */
function addressOf(fields: Fields, name: string, endianness: Endianness): string | undefined {
  switch (numberOf(fields, "family")) {
    case addressFamily.ipv4:
      return ipv4OfWord(networkWord(numberOf(fields, name), endianness));
    case addressFamily.ipv6: {
      const bytes = address6(fields, `${name}6`, endianness);
      return bytes && plainAddress(ipv6Text(bytes));
    }
    default:
      return undefined;
  }
}

/** Sixteen bytes in network order, of two halves as the machine loaded them. */
function address6(fields: Fields, name: string, endianness: Endianness): Uint8Array | undefined {
  const halves = [fields.get(name) ?? "", fields.get(`${name}end`) ?? ""];
  if (!halves.every((half) => /^0x[0-9a-f]{1,16}$/.test(half))) return undefined;
  const view = new DataView(new ArrayBuffer(16));
  halves.forEach((half, at) => view.setBigUint64(8 * at, BigInt(half), endianness === "little"));
  return new Uint8Array(view.buffer);
}

function numberOf(fields: Fields, name: string): number {
  const value = Number(fields.get(name));
  return Number.isSafeInteger(value) ? value : 0;
}
