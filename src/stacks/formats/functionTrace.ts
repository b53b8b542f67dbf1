/** The function tracer: `task-1 [000] d.s. 12.3: f <-caller`, with sym-offset `f+0x0/0x1 <-caller+0x2/0x3` (kernel/trace/trace_output.c, trace_fn_trace). */
import { parseLogFrame } from "./logFrame";
import type { FrameParts } from "../parseFrame";
import type { StackReader } from "./stackReader";

const pattern = /^.*-\d+\s+(?:\([^)]*\)\s+)?\[\d+\].*\s[\d.]+:\s+(?:function:\s+)?(?<callee>[A-Za-z_][\w.$]*(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?(?: \[[\w-]+\])?)\s+(?:<-|<--\s*)(?<caller>[A-Za-z_][\w.$]*(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?(?: \[[\w-]+\])?)\s*$/;

export const functionTrace: StackReader = {
  format: "function-trace",
  read(line) {
    if (!line.includes("<-")) return undefined;
    const { callee, caller } = pattern.exec(line)?.groups ?? {};
    return callee === undefined || caller === undefined ? undefined : { is: "header", frame: frameOf(callee), caller: frameOf(caller) };
  },
};

function frameOf(text: string): FrameParts {
  const [symbol, module] = text.split(" ");
  return parseLogFrame(text) ?? { symbol, module: module?.slice(1, -1) };
}
