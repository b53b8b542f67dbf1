/** BCC's stackcount: indented names, each alone on its line, and below them how often. Nothing marks the names but that number. */
import { parseSize } from "../parseFrame";
import type { StackReader } from "./stackReader";

const name = /^ {2}(?<quote>b')?(?<symbol>[A-Za-z_][\w.$]*)(?:\+(?<offset>0x[0-9a-f]+))?'?$/;

export const stackcount: StackReader = {
  format: "bcc",
  needsEnd: true,
  read(line, open) {
    const count = open && open.length > 1 ? /^ {4}(\d+)\s*$/.exec(line)?.[1] : undefined;
    if (count !== undefined) return { is: "end", count: Number(count) };
    const groups = name.exec(line)?.groups;
    return groups && { is: "frame", frame: { symbol: groups["symbol"], offset: parseSize(groups["offset"]) } };
  },
};
