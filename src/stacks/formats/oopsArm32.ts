/**
 * 32-bit arm: `PC is at f+0x/0x`, then one line for each call, `[<addr>] (callee) from [<addr>] (caller+0x/0x [module])`, since 5.17 without
 * addresses: ` callee from caller+0x/0x` (arch/arm/kernel/traps.c, dump_backtrace_entry). Every line repeats the caller of the one before.
 */
import { parseAddress, type FrameParts } from "../parseFrame";
import { parseLogFrame } from "./logFrame";
import { filler, type StackReader } from "./stackReader";

const between = /^\s*(?:LR is at|pc : \[<|sp : |r\d{1,2}\s*:|Flags:|Control:|Process |Stack: \(|Exception stack\(|Backtrace:|Call trace:|[0-9a-f]{4}: |Register r\d|Code:)/;
const entry =
  /^\s*(?:\[<(?<own>[0-9a-f]+)>\] )?\(?(?<callee>[A-Za-z_][\w.$]*)(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?(?: \[[\w-]+\])?\)? from (?:\[<(?<address>[0-9a-f]+)>\] )?\(?(?<caller>[A-Za-z_][\w.$]*\+0x[0-9a-f]+\/0x[0-9a-f]+(?: \[[\w-]+\])?)\)?\s*$/;

export const oopsArm32: StackReader = {
  format: "oops-arm32",
  read(line, open) {
    const pc = /^\s*PC is at (.*)$/.exec(line)?.[1];
    if (pc !== undefined) {
      const frame = parseLogFrame(pc);
      return frame && { is: "header", frame: { ...frame, kind: "exact" } };
    }
    const groups = entry.exec(line)?.groups;
    if (!groups) return open !== undefined && between.test(line) ? filler : undefined;
    const caller = callerOf(groups);
    const last = open?.at(-1)?.symbol;
    if (open !== undefined && (last === groups["callee"] || open.length === 1)) return caller && { is: "frame", frame: caller };
    // A trace without registers begins with the name of the function that printed it.
    return { is: "header", frame: { symbol: groups["callee"], address: parseAddress(groups["own"]) }, ...(caller && { caller }) };
  },
};

function callerOf(groups: Record<string, string | undefined>): FrameParts | undefined {
  const frame = parseLogFrame(groups["caller"] ?? "");
  return frame && { ...frame, address: parseAddress(groups["address"]) };
}
