/**
 * SystemTap's print_backtrace: ` 0xADDR : f+0x1/0x2 [kernel]`, inexact ones marked; a return probe prints `Returning from:` and
 * `Returning to  :` first. Frames of programs name a file in the brackets.
 */
import { moduleName, parseAddress, parseSize } from "../parseFrame";
import { filler, type StackReader } from "./stackReader";

const pattern =
  /^\s*(?<what>Returning (?:from|to)\s*:\s+)?(?<address>0x[0-9a-f]+)\s+: (?:(?<symbol>[A-Za-z_][\w.$]*)\+(?<offset>0x[0-9a-f]+)\/(?<size>0x[0-9a-f]+)|0x[0-9a-f]+)(?: \[(?<module>[^\]]+)\])?(?<inexact> \(inexact\))?\s*$/;

export const systemtap: StackReader = {
  format: "systemtap",
  read(line, open) {
    const groups = pattern.exec(line)?.groups;
    if (!groups) return undefined;
    const { what, address, symbol, module, inexact } = groups;
    if (module?.includes("/")) return open && filler;
    const frame = {
      symbol, offset: parseSize(groups["offset"]), size: parseSize(groups["size"]), module: moduleName(module), address: parseAddress(address), reliable: inexact === undefined,
    };
    return what?.startsWith("Returning from") ? { is: "header", frame } : { is: "frame", frame };
  },
};
