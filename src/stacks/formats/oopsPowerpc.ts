/** powerpc: `NIP [addr] f+0x/0x`, `LR [addr] …`, then `[stack] [addr] f+0x/0x (unreliable)` (arch/powerpc/kernel/process.c). */
import { parseAddress, type FrameParts } from "../parseFrame";
import { parseReportFrame } from "./logFrame";
import { filler, frameReading, type StackReader } from "./stackReader";

const between = /^\s*(?:LR \[|Call Trace:\s*$|Instruction dump:|--- interrupt:|NIP:|MSR:|CFAR:|GPR\d\d:|REGS:)/;

export const oopsPowerpc: StackReader = {
  format: "oops-powerpc",
  read(line, open) {
    const pointer = /^\s*NIP \[([0-9a-f]{8,16})\] (.*)$/.exec(line);
    if (pointer) {
      const frame = addressed(pointer[1], pointer[2]);
      if (!frame) return undefined;
      return open && open.length > 0 ? frameReading({ ...frame, kind: "exact" }) : { is: "header", frame: { ...frame, kind: "exact" } };
    }
    if (open && between.test(line)) return filler;
    const match = /^\s*\[[0-9a-f]{8,16}\] \[([0-9a-f]{8,16})\] (.*)$/.exec(line);
    return match ? frameReading(addressed(match[1], match[2])) : undefined;
  },
};

function addressed(address: string | undefined, text = ""): FrameParts | undefined {
  const frame = parseReportFrame(text);
  return frame && { ...frame, address: parseAddress(address) };
}
