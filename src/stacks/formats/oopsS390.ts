/** s390: `Krnl PSW : … (f+0x/0x)`, then ` [<addr>] f+0x/0x`, unreliable ones as `([<addr>] f+0x/0x)` (arch/s390/kernel/dumpstack.c). */
import { parseReportFrame } from "./logFrame";
import { end, filler, frameReading, type StackReader } from "./stackReader";

const between = /^\s*(?:R:0 |Krnl (?:GPRS|Code):|[0-9a-f]{16} [0-9a-f]{16} |[#>* ]?[0-9a-f]{16}: |Call Trace:\s*$|Hardware name:)/;

export const oopsS390: StackReader = {
  format: "oops-s390",
  read(line, open) {
    const psw = /^\s*Krnl PSW : [0-9a-f]{16} [0-9a-f]{16} \((.*)\)\s*$/.exec(line)?.[1];
    const frame = psw === undefined ? undefined : parseReportFrame(psw);
    if (frame) return { is: "header", frame: { ...frame, kind: "exact" } };
    if (open === undefined) return undefined;
    if (/^\s*Last Breaking-Event-Address:/.test(line)) return end;
    if (between.test(line)) return filler;
    const doubtful = /^\s*\((\[<.*)\)\s*$/.exec(line)?.[1];
    if (doubtful === undefined) return frameReading(parseReportFrame(line));
    const guess = parseReportFrame(doubtful);
    return frameReading(guess && { ...guess, reliable: false });
  },
};
