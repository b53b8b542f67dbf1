/** Stacks of a decoded report that stand without `Call Trace:` (KASAN's “Allocated by task”): `f+0x1/0x2 file:line`, `f file:line [inline]`. */
import { parseReportFrame } from "./logFrame";
import { frameReading, type StackReader } from "./stackReader";

export const syzkaller: StackReader = {
  format: "syzkaller",
  read(line, open) {
    if (!/\.[chS]:\d/.test(line)) return open && frameReading(parseReportFrame(line));
    const frame = parseReportFrame(line);
    const isOwn = frame?.source !== undefined && (frame.kind === "inlined" || frame.offset !== undefined);
    return isOwn || open ? frameReading(frame) : undefined;
  },
};
