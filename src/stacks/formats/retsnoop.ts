/**
 * retsnoop: outermost frame first, `f+0x5d  (file:line:column)`, inlined calls as `. g  (file:line)` after the function that holds them; in front
 * of a frame the time and result of the call, `! 22us [-EINVAL]`.
 */
import { parseSize } from "../parseFrame";
import { parsePlace } from "./place";
import type { StackReader } from "./stackReader";

const pattern =
  /^[!*→↔←|=> ]*(?:\d+us )?\s*(?:\[[^\]]+\]\s+)?(?<dots>(?:\. )+)?(?<symbol>[A-Za-z_][\w.$]*)(?:\+(?<offset>0x[0-9a-f]+))?(?:\s+\((?<place>[^()\s]+:\d+(?::\d+)?)\))?\s*$/;

export const retsnoop: StackReader = {
  format: "retsnoop",
  outermostFirst: true,
  read(line, open) {
    const groups = pattern.exec(line)?.groups;
    if (!groups) return undefined;
    const { dots, symbol, offset, place } = groups;
    const source = parsePlace(place);
    // The column of the place is what no other notation has in this form; later frames may lack it.
    const isOwn = offset !== undefined && source !== undefined;
    if (open === undefined ? !isOwn || /^\s*#/.test(line) : !isOwn && dots === undefined && !/^[!* ]\s+\d+us/.test(line)) return undefined;
    return { is: "frame", frame: { symbol, offset: parseSize(offset), source, ...(dots === undefined ? {} : { kind: "inlined" as const }) } };
  },
};
