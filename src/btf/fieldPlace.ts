import type { Btf, BtfType } from "./btf";
import { fieldOf, underlying } from "./typeSet";

/**
 * Where a field lies in a structure, by its path through embedded structures: `__sk_common.skc_dport` of `sock`. Bytes from the start.
 *
 * @returns undefined when this kernel has no such field, or has it as bits that are no whole bytes (sk_type is a bit field of two before 5.6)
 */
export function fieldPlace(types: Btf, structure: string, path: string): number | undefined {
  let type: BtfType | undefined = types.find("struct", structure);
  let bits = 0;
  for (const name of path.split(".")) {
    const found = type && fieldOf(type, name);
    if (!found || found.member.bitSize % 8 > 0) return undefined;
    bits += found.bitOffset;
    type = underlying(found.type);
  }
  return bits % 8 === 0 ? bits / 8 : undefined;
}
