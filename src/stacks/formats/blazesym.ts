/**
 * blazecli and other users of blazesym: `0xADDR: f @ 0xSTART+0x1e file:line:column`, with `g @ file:line [inlined]` lines after it for what was
 * inlined there, outermost first.
 */
import { parseAddress, parseSize } from "../parseFrame";
import { parsePlace } from "./place";
import type { StackReader } from "./stackReader";

const frameLine = /^\s*(?<address>0x[0-9a-f]+): (?<symbol>[A-Za-z_][\w.$]*) @ 0x[0-9a-f]+\+(?<offset>0x[0-9a-f]+)(?: \[?(?<place>[^\s\]]+:\d+(?::\d+)?)\]?)?\s*$/;
const inlinedLine = /^\s+(?<symbol>[A-Za-z_][\w.$]*) @ (?<place>\S+:\d+(?::\d+)?) \[inlined\]\s*$/;

export const blazesym: StackReader = {
  format: "blazesym",
  read(line, open) {
    const groups = frameLine.exec(line)?.groups;
    if (groups) {
      const { symbol, offset, address, place } = groups;
      return { is: "frame", frame: { symbol, offset: parseSize(offset), address: parseAddress(address), source: parsePlace(place) } };
    }
    const inside = open && inlinedLine.exec(line)?.groups;
    return inside && { is: "frame", frame: { symbol: inside["symbol"], source: parsePlace(inside["place"]), kind: "inlined" }, place: "inlined-into-previous" };
  },
};
