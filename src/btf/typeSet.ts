/** The types of a running kernel: its own and those of its modules, asked together. */
import type { Btf, BtfMember, BtfType } from "./btf";
import type { NameSpace } from "./btfKinds";
import { declaration } from "./declaration";

export interface FoundField {
  readonly member: BtfMember;
  readonly type: BtfType;
  /** From the start of the structure that was asked, in bits. */
  readonly bitOffset: number;
}

const deepest = 32;

export class TypeSet {
  constructor(
    readonly kernel: Btf,
    /** Read with the kernel's as their base. */
    readonly modules: ReadonlyMap<string, Btf> = new Map(),
  ) {}

  find(space: NameSpace, name: string): BtfType | undefined {
    const own = this.kernel.find(space, name);
    if (own) return own;
    for (const module of this.modules.values()) {
      const found = module.find(space, name);
      if (found) return found;
    }
    return undefined;
  }

  /** The prototype of a function of the kernel, or of the module that is named. */
  prototype(name: string, module?: string): BtfType | undefined {
    const named = module === undefined ? undefined : this.modules.get(module)?.prototypeOf(name);
    if (named) return named;
    const func = this.find("func", name);
    const proto = func?.owner.type(func.target);
    return proto?.kind === "funcProto" ? proto : undefined;
  }
}

/** What a type is once names and qualifiers are taken off. */
export function underlying(type: BtfType | undefined): BtfType | undefined {
  let current = type;
  for (let depth = 0; current && depth < deepest; depth++) {
    if (!["typedef", "const", "volatile", "restrict", "typeTag"].includes(current.kind)) return current;
    current = current.owner.type(current.target);
  }
  return undefined;
}

/** The structure that a type is, or points to. */
export function pointee(type: BtfType | undefined): BtfType | undefined {
  const plain = underlying(type);
  return plain?.kind === "pointer" ? underlying(plain.owner.type(plain.target)) : undefined;
}

/** Members of a struct or union as a program reaches them: those of anonymous ones inside count as its own. */
export function fieldsOf(type: BtfType, bitOffset = 0, depth = 0): FoundField[] {
  if (depth > deepest) return [];
  return type.owner.members(type).flatMap((member) => {
    const memberType = type.owner.type(member.type);
    const at = bitOffset + member.bitOffset;
    if (!memberType) return [];
    const plain = member.name === "" ? underlying(memberType) : undefined;
    return plain ? fieldsOf(plain, at, depth + 1) : member.name === "" ? [] : [{ member, type: memberType, bitOffset: at }];
  });
}

export const fieldOf = (type: BtfType, name: string): FoundField | undefined => fieldsOf(type).find(({ member }) => member.name === name);

/** `struct sock *sk` of a member, with the width of a bit field. */
export const fieldDeclaration = ({ member, type }: FoundField): string =>
  `${declaration(type.owner, type.id, member.name)}${member.bitSize > 0 ? `:${member.bitSize}` : ""}`;

/** `int tcp_v4_rcv(struct sk_buff *skb)` */
export const prototypeText = (proto: BtfType, name: string): string => declaration(proto.owner, proto.id, name);
