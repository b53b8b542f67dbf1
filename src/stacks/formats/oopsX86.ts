/**
 * x86 oops, WARN, NMI backtrace, sysrq and dump_stack (arch/x86/kernel/dumpstack.c). Registers come before the trace (`RIP:` is where
 * it happened) and again inside of it where an interrupt or exception was taken; the lines between are registers and code bytes.
 */
import { parseAddress, type FrameParts } from "../parseFrame";
import { parseReportFrame } from "./logFrame";
import { end, filler, frameReading, type Reading, type StackReader } from "./stackReader";

const registers =
  /^\s*(?:(?:E?[A-D]X|[A-Z]{2}[0-9]?|R?[A-Z0-9]{2,3}|EFLAGS|PKRU|Code|Call Trace|Modules linked in|Dumping ftrace buffer): |Call Trace:\s*$|<\/?(?:IRQ|NMI|SOFTIRQ|TASK|#DF|#DB|#VC2?|EOI|ENTRY_TRAMPOLINE|EXCEPTION|#[A-Z]+)>\s*$|Code:|(?:RIP|EIP): (?:0033|0023|002b):)/;

export const oopsX86: StackReader = {
  format: "oops-x86",
  read(line, open) {
    const rip = instructionPointer(line);
    if (rip) return open && open.length > 0 ? frameReading({ ...rip, kind: "exact" }) : { is: "header", frame: { ...rip, kind: "exact" } };
    if (open === undefined) return begin(line);
    if (/^\s*<\/TASK>\s*$/.test(line)) return end;
    if (/^---\[ end trace/.test(line)) return end;
    if (registers.test(line)) return filler;
    return frameReading(parseReportFrame(line));
  },
};

function begin(line: string): Reading | undefined {
  if (/^\s*(?:Call Trace:|<(?:TASK|IRQ|NMI)>)\s*$/.test(line)) return { is: "header" };
  return /^\s*(?:\[<[0-9a-f]+>\]\s+)?\?\s/.test(line) ? frameReading(parseReportFrame(line)) : undefined;
}

/** `RIP: 0010:f+0x1/0x2`, and before 4.10 `RIP: 0010:[<addr>]  [<addr>] f+0x1/0x2` or `IP: [<addr>] f+0x1/0x2`. */
function instructionPointer(line: string): FrameParts | undefined {
  const match = /^\s*(?:[RE]?IP): (?:(?:0010|0060):)?(?:\[<([0-9a-f]+)>\]\s*)?(.*)$/.exec(line);
  if (!match) return undefined;
  const frame = parseReportFrame(match[2] ?? "");
  return frame && { ...frame, address: frame.address ?? parseAddress(match[1]) };
}
