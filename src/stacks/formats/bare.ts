/** Frames alone on their lines, whatever printed them: `f+0x1/0x2 [module]`, `f+0x1`. A name without an offset is a word like any other. */
import { parseSize } from "../parseFrame";
import { parseLogFrame } from "./logFrame";
import { frameReading, type StackReader } from "./stackReader";

export const bare: StackReader = {
  format: "bare",
  read(line) {
    const frame = parseLogFrame(line);
    if (frame) return frameReading(frame);
    const match = /^\s*(?:#\d+\s+)?([A-Za-z_][\w.$]*)\+(0x[0-9a-f]+)(?: \[([\w-]+)\])?\s*$/.exec(line);
    return match ? frameReading({ symbol: match[1], offset: parseSize(match[2]), module: match[3] }) : undefined;
  },
};
