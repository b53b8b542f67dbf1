import type { Btf } from "../../btf/btf";
import { fieldPlace } from "../../btf/fieldPlace";
import type { Endianness } from "../../base/byteReader";
import { networkPort } from "../../bpftrace/networkOrder";
import { fromProbe } from "../../bpftrace/resetRecord";
import { resetFunctions, versionOf } from "../../bpftrace/resetProgram";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import { tcpStates, type Endpoint } from "../socketModel";
import { chainOf } from "./chainFrame";
import { kindOf } from "./resetKind";
import type { ResetEvent, ResetSocket } from "./resetModel";
import type { ResetProbes } from "./resetProbes";
import { fieldsOfText, type TextEvent, type TextEventSource } from "./textEvents";

const fetched: readonly (readonly [name: string, path: string, type: string])[] = [
  ["family", "__sk_common.skc_family", "u16"], ["state", "__sk_common.skc_state", "u8"], ["num", "__sk_common.skc_num", "u16"], ["dport", "__sk_common.skc_dport", "u16"],
  ["saddr", "__sk_common.skc_rcv_saddr", "u32"], ["daddr", "__sk_common.skc_daddr", "u32"],
];

/**
 * Probes of the functions that send resets, with what can be fetched of the socket. A packet's headers lie at a place that is itself a
 * field, which fetch arguments cannot follow, so the packet is not known.
 *
 * @param types undefined where there is no BTF: the stack alone is known then
 */
export function resetTextEvents({ probes, reasons }: ResetProbes, types: Btf | undefined, endianness: Endianness): TextEventSource<ResetEvent> {
  const fields = fetched.flatMap(([name, path, type]) => {
    const offset = types && fieldPlace(types, "sock", path);
    return offset === undefined ? [] : [`${name}=+${offset}($arg1):${type}`];
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
    family: versionOf(sender) === 6 || socket?.local.address.includes(":") ? "ipv6" : "ipv4",
    ...(socket ? { socket } : {}),
    ...(reason === undefined ? {} : { reason: reasons.get(Number(reason)) ?? reason }),
    complete: false,
    process: { pid, name: comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    stack,
  };
}

/** What hangs on a null pointer is `(fault)`. */
function socketOf(fields: ReadonlyMap<string, string>, endianness: Endianness): ResetSocket | undefined {
  if (!/^0x[0-9a-f]*[1-9a-f]/.test(fields.get("sk") ?? "")) return undefined;
  const number = (name: string): number => (Number.isSafeInteger(Number(fields.get(name))) ? Number(fields.get(name)) : 0);
  if (number("family") !== 2) return undefined;
  const address = (name: string): string => bytesOf(number(name), endianness).join(".");
  const local: Endpoint = { address: address("saddr"), port: number("num") || networkPort(number("sport"), endianness) };
  const remote: Endpoint = { address: address("daddr"), port: networkPort(number("dport"), endianness) };
  return { local, remote, state: tcpStates[number("state")] ?? "UNKNOWN" };
}

function bytesOf(word: number, endianness: Endianness): readonly number[] {
  const bytes = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
  return endianness === "little" ? bytes : bytes.reverse();
}
