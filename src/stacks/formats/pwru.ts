/** pwru with --output-stack: a row that ends with tuple and function, then the names of the callers, each alone on its line. Offsets are not kept. */
import { filler, type StackReader } from "./stackReader";

const row = /^0x[0-9a-f]{12,16}\s+\d+\s+\S.*\s(?<symbol>[A-Za-z_][\w.$]*)(?:\s+\d+)?\s*$/;
const name = /^\s*(?<symbol>[A-Za-z_][\w.$]*)(?:\s+\[(?<module>[\w-]+)\])?\s*$/;

export const pwru: StackReader = {
  format: "pwru",
  read(line, open) {
    if (row.test(line) && /->|\d:\d/.test(line)) return { is: "header" };
    if (open === undefined) return undefined;
    const groups = name.exec(line)?.groups;
    if (groups) return { is: "frame", frame: { symbol: groups["symbol"], module: groups["module"] } };
    return /^\s*$/.test(line) && open.length === 0 ? filler : undefined;
  },
};
