/** loongarch: `   ERA: <addr> f+0x/0x`, `    ra: <addr> g+0x/0x`, then `[<addr>] f+0x/0x` (arch/loongarch/kernel/{process,stacktrace}.c). */
import { parseAddress } from "../parseFrame";
import { parseReportFrame } from "./logFrame";
import { filler, frameReading, type StackReader } from "./stackReader";

const between = /^\s*(?:(?:ra|era|pc|sp|tp)\s*:|(?:CRMD|PRMD|EUEN|ECFG|ESTAT|PRID|BADV|CSR\w*)\s*:|(?:[ast]\d|zero|u0|fp|a\d)\s+[0-9a-f]{16}|Call Trace:\s*$|Code\s*:|Modules linked in:|Process )/i;

export const oopsLoongarch: StackReader = {
  format: "oops-loongarch",
  read(line, open) {
    const era = /^\s*ERA\s*: ([0-9a-f]{8,16}) (.*)$/.exec(line);
    if (era) {
      const frame = parseReportFrame(era[2] ?? "");
      return frame && { is: "header", frame: { ...frame, address: parseAddress(era[1]), kind: "exact" } };
    }
    if (open === undefined) return undefined;
    if (between.test(line)) return filler;
    const frame = parseReportFrame(line);
    // The trace begins with the place that ERA named already.
    const first = open[0];
    if (frame && open.length === 1 && first?.symbol === frame.symbol && first?.offset === frame.offset) return filler;
    return frameReading(frame);
  },
};
