/** arm64: `pc : f+0x/0x`, `lr : f+0x/0x`, then `Call trace:`, whose first frame is the pc again (arch/arm64/kernel/process.c). */
import { parseReportFrame } from "./logFrame";
import { filler, frameReading, type StackReader } from "./stackReader";

const between = /^\s*(?:(?:pc|lr|sp|fp|pstate|pmr_save|x\d{1,2})\s*:|CPU:|Hardware name:|Modules linked in:|Code:|Call trace:\s*$|Exception stack)/;

export const oopsArm64: StackReader = {
  format: "oops-arm64",
  read(line, open) {
    const pc = /^\s*pc : (.*)$/.exec(line)?.[1];
    if (pc !== undefined) {
      const frame = parseReportFrame(pc);
      return frame ? { is: "header", frame: { ...frame, kind: "exact" } } : undefined;
    }
    if (/^\s*Call trace:\s*$/.test(line)) return open && open.length <= 1 ? filler : { is: "header" };
    if (open === undefined) return undefined;
    if (between.test(line)) return filler;
    const frame = parseReportFrame(line);
    const first = open[0];
    if (frame && open.length === 1 && first?.symbol === frame.symbol && first?.offset === frame.offset) return filler;
    return frameReading(frame);
  },
};
