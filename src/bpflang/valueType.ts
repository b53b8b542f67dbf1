/** What is known of the type of a value in a program. */
import type { BtfType } from "../btf/btf";
import { declaration } from "../btf/declaration";
import { fieldDeclaration, fieldsOf, pointee, underlying } from "../btf/typeSet";
import type { CDefinition } from "./syntax";

export type ValueType =
  /** A type of the kernel: a structure, a pointer to one, an enum, a number. */
  | { readonly kind: "kernel"; readonly type: BtfType }
  | { readonly kind: "pointer"; readonly to: ValueType }
  | { readonly kind: "array"; readonly of: ValueType; readonly count?: number }
  /** A structure that the program itself defines. */
  | { readonly kind: "own"; readonly definition: CDefinition; readonly typeOf: (field: CDefinition["fields"][number]) => ValueType | undefined }
  /** `args`. */
  | { readonly kind: "arguments"; readonly fields: readonly Field[] }
  | { readonly kind: "tuple"; readonly items: readonly (ValueType | undefined)[] }
  | { readonly kind: "record"; readonly fields: readonly Field[] }
  /** uint64, string, kstack_t: types of the language. */
  | { readonly kind: "plain"; readonly name: string };

export interface Field {
  readonly name: string;
  /** With its name, as C declares it. */
  readonly text: string;
  readonly type?: ValueType;
  /** Bytes from the start of the structure. */
  readonly offset?: number;
}

export const plain = (name: string): ValueType => ({ kind: "plain", name });

/** A type as a person writes it. */
export function typeText(type: ValueType): string {
  switch (type.kind) {
    case "kernel":
      return declaration(type.type.owner, type.type.id);
    case "pointer": {
      const target = typeText(type.to);
      return target.endsWith("*") ? `${target}*` : `${target} *`;
    }
    case "array":
      return `${typeText(type.of)}[${type.count ?? ""}]`;
    case "own":
      return `${type.definition.keyword} ${type.definition.name.text}`;
    case "arguments":
      return "args";
    case "tuple":
      return `(${type.items.map((item) => (item ? typeText(item) : "?")).join(", ")})`;
    case "record":
      return `(${type.fields.map(({ text }) => text).join(", ")})`;
    case "plain":
      return type.name;
  }
}

export const isPointer = (type: ValueType): boolean => type.kind === "pointer" || (type.kind === "kernel" && underlying(type.type)?.kind === "pointer");

/** What a pointer points to, or an array holds. */
export function targetOf(type: ValueType | undefined): ValueType | undefined {
  if (type?.kind === "pointer") return type.to;
  if (type?.kind === "array") return type.of;
  if (type?.kind !== "kernel") return undefined;
  const found = underlying(type.type);
  if (found?.kind === "pointer") return kernel(found.owner.type(found.target));
  const array = found?.owner.array(found);
  return array && kernel(found?.owner.type(array.element));
}

const kernel = (type: BtfType | undefined): ValueType | undefined => type && { kind: "kernel", type };

export interface Structure {
  /** `struct sock`. */
  readonly text: string;
  readonly fields: readonly Field[];
}

/** What `.` and `->` reach: of a structure or of a pointer to one. undefined when that is not known. */
export function structureOf(type: ValueType | undefined): Structure | undefined {
  switch (type?.kind) {
    case "kernel":
      return kernelStructure(pointee(type.type) ?? underlying(type.type));
    case "pointer":
      return type.to.kind === "pointer" ? undefined : structureOf(type.to);
    case "own":
      return { text: typeText(type), fields: type.definition.fields.map((field) => ownField(field, type.typeOf(field))) };
    case "arguments":
    case "record":
      return { text: typeText(type), fields: type.fields };
    case "tuple":
      return { text: typeText(type), fields: type.items.map((item, index) => ({ name: String(index), text: item ? typeText(item) : "?", ...(item && { type: item }) })) };
    default:
      return undefined;
  }
}

const ownField = ({ name }: CDefinition["fields"][number], type: ValueType | undefined): Field => ({ name: name.text, text: `${type ? `${typeText(type)} ` : ""}${name.text}`, ...(type && { type }) });

/** The structures of a program are few, and asked for again at every keystroke. */
const known = new WeakMap<BtfType["owner"], Map<number, Structure>>();

function kernelStructure(type: BtfType | undefined): Structure | undefined {
  if (type?.kind !== "struct" && type?.kind !== "union") return undefined;
  const ofOwner = known.get(type.owner) ?? new Map<number, Structure>();
  known.set(type.owner, ofOwner);
  const existing = ofOwner.get(type.id);
  if (existing) return existing;
  const fields = fieldsOf(type).map((field): Field => ({ name: field.member.name, text: fieldDeclaration(field), type: { kind: "kernel", type: field.type }, offset: field.bitOffset / 8 }));
  const structure: Structure = { text: declaration(type.owner, type.id), fields };
  ofOwner.set(type.id, structure);
  return structure;
}
