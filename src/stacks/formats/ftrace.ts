/**
 * Stacks in a tracefs buffer (kernel/trace/trace_output.c, trace_stack_print): ` => f`, with sym-offset ` => f+0xo/0xs`, with sym-addr
 * ` => f+0xo/0xs <addr>`; trace-cmd writes `=> f (addr)`. Without offsets a frame names its function and nothing more.
 */
import { moduleName, parseAddress, parseSize } from "../parseFrame";
import { filler, type StackReader } from "./stackReader";

const pattern =
  /^\s*=> (?:(?<bare>0x[0-9a-f]+)|(?<symbol>[A-Za-z_][\w.$]*)(?:\+(?<offset>0x[0-9a-f]+)(?:\/(?<size>0x[0-9a-f]+))?)?(?:\s+\[(?<module>[\w-]+)\])?(?:\s+[<(](?<address>[0-9a-f]+)[>)])?)\s*$/;

export const ftrace: StackReader = {
  format: "ftrace",
  read(line, open) {
    if (/<(?:user )?stack trace ?>\s*$/.test(line)) return { is: "header" };
    const groups = pattern.exec(line)?.groups;
    // A user-space frame (`=> <00007f…>`, `=> /bin/x[+0x1]`) ends what interests us without ending the list.
    if (!groups) return open !== undefined && /^\s*=> /.test(line) ? filler : undefined;
    return {
      is: "frame",
      frame: {
        symbol: groups["symbol"],
        offset: parseSize(groups["offset"]),
        size: parseSize(groups["size"]),
        module: moduleName(groups["module"]),
        address: parseAddress(groups["bare"] ?? groups["address"]),
      },
    };
  },
};
