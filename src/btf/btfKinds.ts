/** Kinds of types, by their numbers in the file (include/uapi/linux/btf.h). */
export const kindNames = [
  "void", "int", "pointer", "array", "struct", "union", "enum", "forward", "typedef", "volatile", "const", "restrict", "func", "funcProto", "variable",
  "dataSection", "float", "declTag", "typeTag", "enum64",
] as const;

export type BtfKind = (typeof kindNames)[number];

/** Bytes after the 12 that every type has: fixed, and for each of its members. By kind. */
export const extraBytes: readonly (readonly [fixed: number, each: number] | undefined)[] = [
  undefined, [4, 0], [0, 0], [12, 0], [0, 12], [0, 12], [0, 8], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 8], [4, 0], [0, 12], [0, 0], [4, 0], [0, 0], [0, 12],
];

/** Names that C keeps apart: tags, ordinary type names, functions. */
export type NameSpace = "struct" | "union" | "enum" | "typedef" | "func" | "int";

export const kindsOf: Readonly<Record<NameSpace, readonly BtfKind[]>> = {
  struct: ["struct"], union: ["union"], enum: ["enum", "enum64"], typedef: ["typedef"], func: ["func"], int: ["int", "float"],
};
