/** BCC tools: `f+0xH [kernel]`, `f+0xH [module]`, `f [kernel]`, `b'f+0xH'` (python 3), `ADDR f+0xH`; `--` parts kernel from user frames. */
import { moduleName, parseAddress, parseSize } from "../parseFrame";
import { end, type StackReader } from "./stackReader";

const pattern =
  /^\s*(?:(?<address>0x[0-9a-f]{8,16}|[0-9a-f]{16}) )?(?<quote>b')?(?<symbol>[A-Za-z_][\w.$]*)(?:\+(?<offset>0x[0-9a-f]+))?(?: \[(?<module>[\w.-]+)\])?'?\s*$/;

export const bcc: StackReader = {
  format: "bcc",
  read(line, open) {
    if (open && /^\s*--\s*$/.test(line)) return end;
    const groups = pattern.exec(line)?.groups;
    if (!groups) return undefined;
    const { address, quote, symbol, offset, module } = groups;
    // A lone word or `f+0x1` is somebody else's; `[kernel]`, an address or the bytes prefix of Python is not.
    const own = quote !== undefined || (module !== undefined && /^\s/.test(line)) || (address !== undefined && offset !== undefined);
    if (!own || (module === "unknown")) return undefined;
    return { is: "frame", frame: { symbol, offset: parseSize(offset), module: moduleName(module), address: parseAddress(address) } };
  },
};
