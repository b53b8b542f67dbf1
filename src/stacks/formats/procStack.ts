/** /proc/PID/stack: `[<0>] f+0x1/0x2 [module]` (fs/proc/base.c, proc_pid_stack). Older kernels print the address in the brackets. */
import { parseLogFrame } from "./logFrame";
import { frameReading, type StackReader } from "./stackReader";

export const procStack: StackReader = {
  format: "proc-stack",
  read: (line) => (/^\[<[0-9a-f]+>\] /.test(line) ? frameReading(parseLogFrame(line)) : undefined),
};
