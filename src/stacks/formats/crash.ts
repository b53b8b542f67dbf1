/**
 * The crash utility's `bt`: `#1 [stack] f at ADDR [module]`, with -s `f+0xH at ADDR`, with -l a line `file: line` below. What an exception
 * interrupted stands in brackets, `[exception RIP: f+120]`, its offset decimal; registers follow (crash, kernel_debugger output of back_trace).
 */
import { moduleName, parseAddress, parseSize } from "../parseFrame";
import { parsePlace } from "./place";
import { filler, type StackReader } from "./stackReader";

const frameLine =
  /^\s*#\d+ \[[0-9a-f]{8,16}\] (?<symbol>[A-Za-z_][\w.$]*)(?:\+(?<offset>0x[0-9a-f]+|\d+))? at (?<address>[0-9a-f]{8,16})(?: \[(?<module>[\w-]+)\])?\s*$/;
const exception = /^\s*\[exception (?:RIP|PC): (?:(?<symbol>[A-Za-z_][\w.$]*)(?:\+(?<offset>\d+|0x[0-9a-f]+))?|unknown or invalid address)(?: \[(?<module>[\w-]+)\])?\]\s*$/;
const between = /^\s*(?:(?:RIP|RAX|RDX|RBP|R\d+|ORIG_RAX|PC|LR|X\d+|PSTATE): |---? <[^>]+> ---?|--- )/;

export const crash: StackReader = {
  format: "crash",
  read(line, open) {
    const groups = frameLine.exec(line)?.groups;
    if (groups) {
      const frame = { symbol: groups["symbol"], offset: parseSize(groups["offset"]), module: moduleName(groups["module"]), address: parseAddress(groups["address"]), kind: "return" as const };
      return /^\s*#0 /.test(line) && open ? { is: "header", frame } : { is: "frame", frame };
    }
    const fault = exception.exec(line)?.groups;
    if (fault && open) {
      const { symbol, offset, module } = fault;
      return symbol === undefined ? filler : { is: "frame", frame: { symbol, offset: parseSize(offset), module: moduleName(module), kind: "exact" } };
    }
    if (!open) return undefined;
    const source = parsePlace(/^\s+(\/?[\w./-]+\.[chS]: \d+)\s*$/.exec(line)?.[1]);
    if (source) return { is: "place", source };
    return between.test(line) ? filler : undefined;
  },
};
