/** riscv: `epc : f+0x/0x ra : g+0x/0x`, then `[<addr>] f+0x/0x` lines (arch/riscv/kernel/{process,stacktrace}.c). */
import { parseReportFrame } from "./logFrame";
import { filler, frameReading, type StackReader } from "./stackReader";

const between = /^\s*(?:ra\s*:|(?:epc|gp|sp|tp|[ast]\d{1,2})\s*:|status:|CPU:|Hardware name:|Modules linked in:|Code:|Call Trace:\s*$)/;

export const oopsRiscv: StackReader = {
  format: "oops-riscv",
  read(line, open) {
    const epc = /^\s*epc : (\S+(?: \[[\w-]+\])?)(?:\s+ra : .*)?\s*$/.exec(line)?.[1];
    const frame = epc === undefined ? undefined : parseReportFrame(epc);
    if (frame) return { is: "header", frame: { ...frame, kind: "exact" } };
    if (open === undefined) return undefined;
    return between.test(line) ? filler : frameReading(parseReportFrame(line));
  },
};
