import type { Endianness } from "../../base/byteReader";
import { knownArguments, type CallParameter } from "../../bpftrace/callProgram";
import { sockaddrWords } from "../../bpftrace/callProgram";
import { networkPort } from "../../bpftrace/networkOrder";
import { flagsOf } from "../../bpftrace/packetFields";
import { fromProbe } from "../../bpftrace/resetRecord";
import type { TraceRecord } from "../../bpftrace/traceRecord";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import { tcpStates, type Endpoint } from "../socketModel";
import { chainOf } from "./chainFrame";
import { addressArgument } from "./addressArgument";
import type { CallArgument, CallEvent } from "./callModel";
import { endpointText } from "../endpointText";
import { transportName } from "./protocolNames";

export function callEvent(name: string, parameters: readonly CallParameter[], record: TraceRecord, endianness: Endianness): CallEvent {
  const { socket, packet, address } = knownArguments(parameters);
  const stack = fromProbe(record.stack, name);
  const ofSocket = socket === undefined ? undefined : socketEnds(record, endianness);
  const ofPacket = packet === undefined ? undefined : packetEnds(record, endianness);
  const ofAddress = address === undefined ? undefined : addressArgument(sockaddrWords.map((word) => record.address(word)), endianness);
  const endpoints = ofSocket ?? ofPacket?.ends;
  const netns = record.number("netns");
  const values = parameters.slice(0, 6).map((parameter, index): CallArgument => {
    const raw = record.address(`arg${index}`);
    const words = index === socket && ofSocket ? `${endpointText(ofSocket.local)} ↔ ${endpointText(ofSocket.remote)} ${ofSocket.state}` : index === packet && ofPacket ? ofPacket.text : index === address ? ofAddress : undefined;
    return { ...parameter, value: words ?? plainValue(raw, parameter.type) };
  });
  return {
    type: "call", name, arguments: values,
    ...(endpoints ? { endpoints: { local: endpoints.local, remote: endpoints.remote } } : {}),
    ...(netns === 0 ? {} : { netns }),
    process: { pid: record.pid, name: record.comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    stack,
  };
}

const widths: readonly (readonly [RegExp, bits: number, signed: boolean])[] = [
  [/\b(?:unsigned char|u8|__u8|bool|_Bool)$/, 8, false], [/\b(?:unsigned short|u16|__u16|__be16)$/, 16, false], [/\b(?:unsigned int|u32|__u32|__be32|gfp_t)$|^enum /, 32, false],
  [/\b(?:int|s32)$/, 32, true], [/\b(?:short|s16)$/, 16, true], [/\b(?:long|s64|ssize_t|long int)$/, 64, true],
];

/** A register holds more than a short type uses. Pointers stay addresses. */
export function plainValue(raw: bigint, type: string): string {
  if (type.endsWith("*")) return raw === 0n ? "NULL" : `0x${raw.toString(16)}`;
  const width = widths.find(([pattern]) => pattern.test(type));
  if (!width) return raw.toString();
  const [, bits, signed] = width;
  return (signed ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw)).toString();
}

function socketEnds(record: TraceRecord, endianness: Endianness): { readonly local: Endpoint; readonly remote: Endpoint; readonly state: string } | undefined {
  if (record.number("family") !== 2) return undefined;
  return {
    local: { address: record.text("local4"), port: record.number("num") }, remote: { address: record.text("remote4"), port: networkPort(record.number("dport"), endianness) },
    state: tcpStates[record.number("state")] ?? "",
  };
}

function packetEnds(record: TraceRecord, endianness: Endianness): { readonly ends: { readonly local: Endpoint; readonly remote: Endpoint }; readonly text: string } | undefined {
  if (networkPort(record.number("protocol"), endianness) !== 0x0800) return undefined;
  const transport = transportName(record.number("transport"));
  const hasPorts = transport === "TCP" || transport === "UDP";
  const port = (name: string) => (hasPorts ? { port: networkPort(record.number(name), endianness) } : {});
  const source = { address: record.text("psaddr"), ...port("psource") };
  const destination = { address: record.text("pdaddr"), ...port("pdest") };
  const flags = transport === "TCP" ? ` ${flagsOf(record.number("flags")).join(",")}` : "";
  return { ends: { local: destination, remote: source }, text: `${transport}${flags} ${endpointText(source)} → ${endpointText(destination)}` };
}
