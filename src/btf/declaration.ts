import type { Btf, BtfType } from "./btf";

/** A chain of pointers and qualifiers longer than this is damage. */
const deepest = 32;

/**
 * A type as C writes it, around a name where one is given: `struct sk_buff *skb`, `u8 addr[16]`, `void (*f)(struct sock *)`.
 * What the file does not have is `?`.
 */
export function declaration(btf: Btf, id: number, name = ""): string {
  return write(btf, id, name, 0);
}

function write(btf: Btf, id: number, inner: string, depth: number): string {
  const type = depth > deepest ? undefined : btf.type(id);
  if (!type) return joined("?", inner);
  const { owner } = type;
  switch (type.kind) {
    case "pointer": {
      const target = owner.type(type.target);
      const pointer = `*${inner}`;
      return write(owner, type.target, target && (target.kind === "funcProto" || target.kind === "array") ? `(${pointer})` : pointer, depth + 1);
    }
    case "const":
    case "volatile":
    case "restrict":
    case "typeTag":
      return qualified(type, inner, depth);
    case "array":
      return write(owner, owner.array(type)?.element ?? 0, `${inner}[${owner.array(type)?.count ?? 0}]`, depth + 1);
    case "funcProto": {
      const parameters = owner.parameters(type).map((parameter) => (parameter.type === 0 && parameter.name === "" ? "..." : write(owner, parameter.type, parameter.name, depth + 1)));
      return write(owner, type.target, `${inner}(${parameters.length === 0 ? "void" : parameters.join(", ")})`, depth + 1);
    }
    default:
      return joined(plainName(type), inner);
  }
}

/** `const struct sock *sk` for a pointer to const, `struct sock *const sk` for a const pointer. What C does not show is left out. */
function qualified({ owner, kind, target }: BtfType, inner: string, depth: number): string {
  if (kind === "restrict" || kind === "typeTag") return write(owner, target, inner, depth + 1);
  const isPointer = owner.type(target)?.kind === "pointer";
  return isPointer ? write(owner, target, joined(kind, inner).trimEnd(), depth + 1) : `${kind} ${write(owner, target, inner, depth + 1)}`;
}

function plainName({ kind, name, flag }: BtfType): string {
  const written = name === "" ? "{…}" : name;
  switch (kind) {
    case "struct":
    case "union":
      return `${kind} ${written}`;
    case "forward":
      return `${flag ? "union" : "struct"} ${written}`;
    case "enum":
    case "enum64":
      return `enum ${written}`;
    default:
      return name;
  }
}

const joined = (type: string, inner: string): string => (inner === "" ? type : inner.startsWith("[") ? `${type}${inner}` : `${type} ${inner}`);
