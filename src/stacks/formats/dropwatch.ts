/**
 * dropwatch: a place and no stack. The summary has **bare hex** after the plus, `3 drops at tcp_v4_rcv+5ec (0xADDR) [software]`; packet mode is
 * `drop at: tcp_v4_rcv+0x1de/0x440 (0xADDR)` (src/main.c of dropwatch).
 */
import { parseAddress, parseSize } from "../parseFrame";
import type { StackReader } from "./stackReader";

const summary = /^\s*(?<count>\d+) drops at (?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>[0-9a-f]+)(?: \[(?<module>[\w-]+)\])? \((?<address>0x[0-9a-f]+)\)(?: \[\w+\])?\s*$/;
const packet = /^\s*drop at: (?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>0x[0-9a-f]+)\/(?<size>0x[0-9a-f]+)(?: \[(?<module>[\w-]+)\])? \((?<address>0x[0-9a-f]+)\)\s*$/;

export const dropwatch: StackReader = {
  format: "dropwatch",
  read(line) {
    const total = summary.exec(line)?.groups;
    const groups = total ?? packet.exec(line)?.groups;
    if (!groups) return undefined;
    const { symbol, module } = groups;
    const offset = total ? parseInt(total["offset"] ?? "", 16) : parseSize(groups["offset"]);
    // The address was taken where the packet was freed: it is that of the call's return.
    const frame = { symbol, module, offset, size: parseSize(groups["size"]), address: parseAddress(groups["address"]), kind: "return" as const };
    return { is: "header", frame, ...(total && { count: Number(total["count"]) }) };
  },
};
