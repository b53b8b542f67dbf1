/** The syntax tree of a bpftrace program. Offsets are UTF-16 units from the start of the text. What is missing is a node of length 0 with an empty name. */

import type { Step } from "./readSteps";

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Name extends Span {
  readonly text: string;
}

/** What the parser could not read. `expected`: it wants something more where the text ends or goes on otherwise. */
export interface SyntaxProblem extends Span {
  readonly message: string;
}

export interface Program extends Span {
  readonly text: string;
  /** How it was read, for the next time. */
  readonly steps: readonly Step[];
  readonly items: readonly Item[];
  readonly comments: readonly Span[];
  readonly problems: readonly SyntaxProblem[];
}

export type Item = Probe | Macro | Subprogram | Config | Import | MapDeclaration | CDefinition | Preprocessor;

export interface Probe extends Span {
  readonly kind: "probe";
  readonly points: readonly AttachPoint[];
  readonly predicate?: Expression;
  readonly body?: Block;
}

/** `kprobe:tcp_v4_rcv`: the text as written, without the space around it, and its parts between colons. */
export interface AttachPoint extends Name {
  readonly parts: readonly Name[];
}

export interface Macro extends Span {
  readonly kind: "macro";
  readonly name: Name;
  readonly parameters: readonly Name[];
  readonly body?: Block;
}

export interface Subprogram extends Span {
  readonly kind: "subprogram";
  readonly name: Name;
  readonly parameters: readonly { readonly name: Name; readonly type?: TypeName }[];
  readonly returns?: TypeName;
  readonly body?: Block;
}

export interface Config extends Span {
  readonly kind: "config";
  readonly keyword: Name;
  readonly settings: readonly { readonly name: Name; readonly value?: Name }[];
}

export interface Import extends Span {
  readonly kind: "import";
  readonly path?: Name;
}

export interface MapDeclaration extends Span {
  readonly kind: "mapDeclaration";
  readonly name: Name;
  readonly type: Name;
}

/** `struct X { … }` of the program itself, with the fields that could be read. */
export interface CDefinition extends Span {
  readonly kind: "definition";
  readonly keyword: "struct" | "union" | "enum";
  readonly name: Name;
  readonly fields: readonly { readonly name: Name; readonly type?: TypeName }[];
}

export interface Preprocessor extends Span {
  readonly kind: "preprocessor";
  readonly text: string;
}

export interface Block extends Span {
  readonly kind: "block";
  readonly statements: readonly Statement[];
}

export type Statement = Block | Assignment | Let | If | Loop | ForEach | Jump | ExpressionStatement | Import;

export interface Assignment extends Span {
  readonly kind: "assign";
  readonly target: Expression;
  readonly operator: string;
  readonly value: Expression;
}

export interface Let extends Span {
  readonly kind: "let";
  readonly name: Name;
  readonly type?: TypeName;
  readonly value?: Expression;
}

export interface If extends Span {
  readonly kind: "if";
  readonly condition: Expression;
  readonly then: Block;
  readonly otherwise?: If | Block;
}

export interface Loop extends Span {
  readonly kind: "while" | "unroll";
  readonly condition: Expression;
  readonly body: Block;
}

export interface ForEach extends Span {
  readonly kind: "for";
  readonly name: Name;
  readonly from: Expression;
  /** Of a range `from..to`. */
  readonly to?: Expression;
  readonly body: Block;
}

export interface Jump extends Span {
  readonly kind: "return" | "break" | "continue";
  readonly value?: Expression;
}

export interface ExpressionStatement extends Span {
  readonly kind: "expression";
  readonly expression: Expression;
}

export type Expression =
  | Literal | Identifier | Variable | MapAccess | Parameter | Call | Member | Index | Unary | Binary | Conditional | Cast | Tuple | RecordLiteral | TypeQuery | BlockValue | Missing;

export interface Literal extends Span {
  readonly kind: "number" | "string";
  readonly text: string;
}

export interface Identifier extends Span {
  readonly kind: "identifier";
  readonly text: string;
}

/** `$name`, its text with the sign. */
export interface Variable extends Span {
  readonly kind: "variable";
  readonly text: string;
}

/** `@name[keys]`, its name with the sign. */
export interface MapAccess extends Span {
  readonly kind: "map";
  readonly name: Name;
  readonly keys?: readonly Expression[];
}

/** `$1`, `$#`. */
export interface Parameter extends Span {
  readonly kind: "parameter";
  readonly text: string;
}

export interface Call extends Span {
  readonly kind: "call";
  readonly name: Name;
  readonly args: readonly Expression[];
  /** From the opening bracket to the closing one. */
  readonly brackets: Span;
}

export interface Member extends Span {
  readonly kind: "member";
  readonly object: Expression;
  readonly operator: Name;
  readonly field: Name;
}

export interface Index extends Span {
  readonly kind: "index";
  readonly object: Expression;
  readonly index: Expression;
}

export interface Unary extends Span {
  readonly kind: "unary";
  readonly operator: string;
  readonly postfix: boolean;
  readonly operand: Expression;
}

export interface Binary extends Span {
  readonly kind: "binary";
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Conditional extends Span {
  readonly kind: "conditional";
  readonly condition: Expression;
  /** Absent in `a ?: b`. */
  readonly then?: Expression;
  readonly otherwise: Expression;
}

export interface Cast extends Span {
  readonly kind: "cast";
  readonly type: TypeName;
  readonly operand: Expression;
}

export interface Tuple extends Span {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
}

export interface RecordLiteral extends Span {
  readonly kind: "record";
  readonly fields: readonly { readonly name: Name; readonly value: Expression }[];
}

/** sizeof, offsetof, typeof, typeinfo: of a type or of an expression. */
export interface TypeQuery extends Span {
  readonly kind: "query";
  readonly name: Name;
  readonly type?: TypeName;
  readonly operand?: Expression;
  /** Of offsetof. */
  readonly fields: readonly Name[];
  /** From the opening bracket to the closing one. */
  readonly brackets: Span;
}

export interface BlockValue extends Span {
  readonly kind: "blockValue";
  readonly body: Block | If;
}

export interface Missing extends Span {
  readonly kind: "missing";
}

/** `struct sock *`: base name with its keyword, and how many pointers and array dimensions follow. */
export interface TypeName extends Span {
  readonly keyword?: "struct" | "union" | "enum";
  readonly name: Name;
  readonly pointers: number;
  /** `typeof(…)` in the place of a name. */
  readonly query?: TypeQuery;
  /** Number of elements of each `[N]`; undefined where it is no plain number. */
  readonly dimensions: readonly (number | undefined)[];
}

export type Node = Item | Statement | Expression;
