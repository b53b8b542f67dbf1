import type { Btf, BtfType } from "../../src/btf/btf";

/** All types as `bpftool btf dump … format raw` prints them (tools/bpf/bpftool/btf.c), so that the two can be compared. */
export function btfRawDump(btf: Btf): string {
  const lines: string[] = [];
  for (let id = btf.nextId - btf.length; id < btf.nextId; id++) {
    const type = btf.type(id);
    if (type) lines.push(...typeLines(btf, type));
  }
  return `${lines.join("\n")}\n`;
}

const kindTexts: Readonly<Partial<Record<BtfType["kind"], string>>> = {
  int: "INT", pointer: "PTR", array: "ARRAY", struct: "STRUCT", union: "UNION", enum: "ENUM", forward: "FWD", typedef: "TYPEDEF", volatile: "VOLATILE", const: "CONST",
  restrict: "RESTRICT", func: "FUNC", funcProto: "FUNC_PROTO", variable: "VAR", dataSection: "DATASEC", float: "FLOAT", declTag: "DECL_TAG", typeTag: "TYPE_TAG", enum64: "ENUM64",
};
const encodings: Readonly<Record<number, string>> = { 0: "(none)", 1: "SIGNED", 2: "CHAR", 4: "BOOL" };
const linkages = ["static", "global", "extern"];

const quoted = (name: string): string => `'${name === "" ? "(anon)" : name}'`;

function typeLines(btf: Btf, type: BtfType): string[] {
  const head = `[${type.id}] ${kindTexts[type.kind] ?? "?"} ${quoted(type.name)}`;
  switch (type.kind) {
    case "int": {
      const { encoding = 0, bitOffset = 0, bits = 0 } = btf.int(type) ?? {};
      return [`${head} size=${type.target} bits_offset=${bitOffset} nr_bits=${bits} encoding=${encodings[encoding] ?? "UNKN"}`];
    }
    case "array": {
      const array = btf.array(type);
      return [`${head} type_id=${array?.element} index_type_id=${array?.index} nr_elems=${array?.count}`];
    }
    case "struct":
    case "union":
      return [`${head} size=${type.target} vlen=${type.count}`, ...btf.members(type).map(({ name, type: id, bitOffset, bitSize }) => `\t${quoted(name)} type_id=${id} bits_offset=${bitOffset}${bitSize > 0 ? ` bitfield_size=${bitSize}` : ""}`)];
    case "enum":
    case "enum64":
      return [`${head} encoding=${type.flag ? "SIGNED" : "UNSIGNED"} size=${type.target} vlen=${type.count}`, ...btf.values(type).map(({ name, value }) => `\t${quoted(name)} val=${enumValue(type, value)}`)];
    case "funcProto":
      return [`${head} ret_type_id=${type.target} vlen=${type.count}`, ...btf.parameters(type).map((parameter) => `\t${quoted(parameter.name)} type_id=${parameter.type}`)];
    default:
      return otherLines(btf, type, head);
  }
}

const enumValue = ({ kind, flag }: BtfType, value: bigint): string => `${value}${kind === "enum64" ? (flag ? "LL" : "ULL") : ""}`;

function otherLines(btf: Btf, type: BtfType, head: string): string[] {
  switch (type.kind) {
    case "forward":
      return [`${head} fwd_kind=${type.flag ? "union" : "struct"}`];
    case "func":
      return [`${head} type_id=${type.target} linkage=${linkages[type.count] ?? "(unknown)"}`];
    case "variable":
      return [`${head} type_id=${type.target}, linkage=${linkages[btf.words(type, 1)[0] ?? 0] ?? "(unknown)"}`];
    case "dataSection":
      return [`${head} size=${type.target} vlen=${type.count}`, ...Array.from({ length: type.count }, (_, index) => sectionLine(btf, type, index))];
    case "float":
      return [`${head} size=${type.target}`];
    case "declTag":
      return [`${head} type_id=${type.target} component_idx=${(btf.words(type, 1)[0] ?? 0) | 0}`];
    default:
      return [`${head} type_id=${type.target}`];
  }
}

function sectionLine(btf: Btf, type: BtfType, index: number): string {
  const [id = 0, offset = 0, size = 0] = btf.words(type, type.count * 3).slice(index * 3);
  const variable = btf.type(id);
  return `\ttype_id=${id} offset=${offset} size=${size} (${variable?.kind === "variable" ? `VAR ${quoted(variable.name)}` : "UNKNOWN"})`;
}
