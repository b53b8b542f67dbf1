/**
 * drgn: a trace prints `#0  f (file:line:column)`, or symbol and offset where there is no debug information; a frame alone prints
 * `#0 at 0xADDR (f+0x1/0x2) in g at file:line:column (inlined)` (libdrgn/stack_trace.c).
 */
import { parseAddress, parseSize } from "../parseFrame";
import { parsePlace } from "./place";
import { frameReading, type StackReader } from "./stackReader";

const inTrace =
  /^\s*#(?<number>\d+)\s+(?:(?<address>0x[0-9a-f]+)|\?\?\?|(?<symbol>[A-Za-z_][\w.$]*)(?:\+(?<offset>0x[0-9a-f]+)\/(?<size>0x[0-9a-f]+))?)(?: \((?<place>[^()]*:\d+(?::\d+)?)\))?(?: \[function symbol: (?<own>[A-Za-z_][\w.$]*)?\+?(?<ownOffset>0x[0-9a-f]+)?(?:\/(?<ownSize>0x[0-9a-f]+))?\])?\s*$/;
const alone =
  /^\s*#(?<number>\d+) at (?<address>0x[0-9a-f]+)(?: \((?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>0x[0-9a-f]+)\/(?<size>0x[0-9a-f]+)\))?(?: in (?<name>[A-Za-z_][\w.$]*))?(?: at (?<place>\S+:\d+))?(?<inlined> \(inlined\))?\s*$/;

export const drgn: StackReader = {
  format: "drgn",
  read(line, open) {
    const single = alone.exec(line)?.groups;
    const groups = single ?? inTrace.exec(line)?.groups;
    if (!groups) return undefined;
    const { symbol, own, name, inlined, place, address } = groups;
    const source = parsePlace(place);
    // `#3 some words` is anybody's list; a place, an offset or drgn's own brackets are not.
    if (open === undefined && source === undefined && groups["offset"] === undefined && own === undefined && address === undefined) return undefined;
    const frame = {
      symbol: inlined === undefined ? (own ?? symbol ?? name) : name,
      offset: inlined === undefined ? parseSize(groups["offset"] ?? groups["ownOffset"]) : undefined,
      size: inlined === undefined ? parseSize(groups["size"] ?? groups["ownSize"]) : undefined,
      address: parseAddress(address),
      source,
      ...(inlined === undefined ? {} : { kind: "inlined" as const }),
    };
    if (frame.symbol === undefined && frame.address === undefined) return open ? { is: "filler" } : undefined;
    return groups["number"] === "0" && open ? { is: "header", frame } : frameReading(frame);
  },
};
