/**
 * Finds the places of maps and variables, in the order in which bpftrace reads them: a variable is known from where it is first written. Since 0.22 it lives in
 * the block in which that is, before it in the whole action; the variable of a loop over a map has always lived in the loop
 * (bpftrace: src/ast/passes/semantic_analyser.cpp, since 0.25 src/ast/passes/types/pre_type_check.cpp).
 */
import type { ForEach, Item, Name, Node, Span, TypeName } from "./syntax";
import { childrenOf } from "./walk";

/** One variable: all its places, in the order in which they were met. */
export interface ScopedVariable {
  readonly name: string;
  readonly item: Item;
  /** Where it can be named. */
  readonly scope: Span;
  readonly occurrences: readonly Occurrence[];
}

export interface Occurrence extends Name {
  readonly kind: "map" | "variable";
  readonly writes: boolean;
  readonly item: Item;
  /** The expression that is assigned here, or the loop whose variable this is. */
  readonly value?: Node;
  /** The type it is declared with. */
  readonly type?: TypeName;
  /** A `let`, the variable of a loop, a parameter. */
  readonly declares: boolean;
  /** Of a variable. */
  readonly variable?: ScopedVariable;
  /** The variable is read where there is none of this name yet, or no longer. */
  readonly isUnknown: boolean;
  /** A declaration where a variable of this name lives already: where that begins. */
  readonly hides?: Occurrence;
}

interface Growing extends ScopedVariable {
  readonly occurrences: Occurrence[];
}

interface Scope extends Span {
  readonly variables: Map<string, Growing>;
}

type About = Partial<Pick<Occurrence, "value" | "type" | "writes" | "declares" | "isUnknown" | "hides">>;

/** A write that asks for the value before it (`+=`, `++`, `&`) begins no variable. */
interface Write {
  readonly value?: Node;
  readonly begins: boolean;
}

interface Unknown {
  readonly node: Node;
  readonly name: Name;
  readonly scopes: readonly Scope[];
}

export class SymbolCollector {
  readonly occurrences: Occurrence[] = [];
  readonly variables: ScopedVariable[] = [];
  readonly byNode = new Map<Node, Occurrence>();
  private readonly written = new Map<Node, Write>();
  private unknown: Unknown[] = [];

  constructor(private readonly inBlocks: boolean) {}

  add(item: Item): void {
    const root = newScope(item);
    this.unknown = [];
    if (item.kind === "mapDeclaration") this.addMap(item, item.name, item, { writes: true, declares: true });
    if (item.kind === "macro") for (const name of item.parameters) this.addParameter(item, name, root);
    if (item.kind === "subprogram") for (const { name, type } of item.parameters) this.declare(item, name, item, [root], { ...(type && { type }) });
    this.visitChildren(item, item, [root]);
    for (const { node, name, scopes } of this.unknown) this.addPlace(item, name, node, findVariable(scopes, name.text) ?? this.begin(item, name.text, root), { isUnknown: true });
  }

  private addParameter(item: Item, name: Name, root: Scope): void {
    if (name.text.startsWith("@")) this.addMap(item, name, item, { writes: true, declares: true });
    else if (name.text.startsWith("$")) this.declare(item, name, item, [root], {});
  }

  private visitChildren(node: Node, item: Item, scopes: readonly Scope[]): void {
    for (const child of childrenOf(node)) this.visit(child, item, scopes);
  }

  /** @param scopes those around the node, the outermost first */
  private visit(node: Node, item: Item, scopes: readonly Scope[]): void {
    switch (node.kind) {
      case "block":
        this.visitChildren(node, item, this.inBlocks ? [...scopes, newScope(node)] : scopes);
        break;
      case "for":
        this.visitLoop(node, item, scopes);
        break;
      case "let":
        this.visitChildren(node, item, scopes);
        this.declare(item, node.name, node, scopes, { ...(node.type && { type: node.type }), ...(node.value && { value: node.value }) });
        break;
      case "assign":
        this.written.set(node.target, { value: node.value, begins: node.operator === "=" });
        this.visit(node.value, item, scopes);
        this.visit(node.target, item, scopes);
        break;
      case "variable":
        this.addVariable(item, node, scopes);
        break;
      case "map":
        this.addMap(item, node.name, node, this.writing(node));
        this.visitChildren(node, item, scopes);
        break;
      default:
        this.noteWrites(node);
        this.visitChildren(node, item, scopes);
    }
  }

  private visitLoop(loop: ForEach, item: Item, scopes: readonly Scope[]): void {
    this.visit(loop.from, item, scopes);
    if (loop.to) this.visit(loop.to, item, scopes);
    const inner = [...scopes, newScope(loop)];
    this.declare(item, loop.name, loop, inner, { value: loop });
    this.visit(loop.body, item, inner);
  }

  /** What is not assigned and yet gets a value. */
  private noteWrites(node: Node): void {
    if (node.kind === "unary" && ["++", "--", "&"].includes(node.operator)) this.written.set(node.operand, { begins: false });
    if (node.kind === "call" && node.name.text === "find" && node.args[2]) this.written.set(node.args[2], { begins: true });
  }

  private writing(node: Node): About {
    const write = this.written.get(node);
    return write ? { writes: true, ...(write.value && { value: write.value }) } : {};
  }

  private addVariable(item: Item, node: Node & { kind: "variable" }, scopes: readonly Scope[]): void {
    const about = this.writing(node);
    const known = findVariable(scopes, node.text);
    if (known) this.addPlace(item, node, node, known, about);
    else if (about.writes) this.addPlace(item, node, node, this.begin(item, node.text, innermost(scopes)), { ...about, isUnknown: this.written.get(node)?.begins === false });
    else this.unknown.push({ node, name: node, scopes });
  }

  private declare(item: Item, name: Name, node: Node, scopes: readonly Scope[], about: About): void {
    const [hides] = findVariable(scopes, name.text)?.occurrences ?? [];
    // Before blocks were scopes, what looks like a second declaration may be of a block beside.
    const variable = (this.inBlocks ? undefined : findVariable(scopes, name.text)) ?? this.begin(item, name.text, innermost(scopes));
    this.addPlace(item, name, node, variable, { ...about, writes: true, declares: true, ...(this.inBlocks && hides && { hides }) });
  }

  private begin(item: Item, name: string, scope: Scope): Growing {
    const variable: Growing = { name, item, scope: { start: scope.start, end: scope.end }, occurrences: [] };
    scope.variables.set(name, variable);
    if (name.length > 1) this.variables.push(variable);
    return variable;
  }

  private addPlace(item: Item, { start, end, text }: Name, node: Node, variable: Growing, about: About): void {
    if (text.length < 2) return;
    const occurrence: Occurrence = { kind: "variable", start, end, text, item, writes: false, declares: false, isUnknown: false, ...about, variable };
    variable.occurrences.push(occurrence);
    this.keep(node, occurrence);
  }

  private addMap(item: Item, { start, end, text }: Name, node: Node, about: About): void {
    this.keep(node, { kind: "map", start, end, text, item, writes: false, declares: false, isUnknown: false, ...about });
  }

  private keep(node: Node, occurrence: Occurrence): void {
    this.occurrences.push(occurrence);
    this.byNode.set(node, occurrence);
  }
}

const newScope = ({ start, end }: Span): Scope => ({ start, end, variables: new Map() });

function innermost(scopes: readonly Scope[]): Scope {
  const scope = scopes.at(-1);
  if (!scope) throw new RangeError("An item has a scope of its own");
  return scope;
}

function findVariable(scopes: readonly Scope[], name: string): Growing | undefined {
  return scopes.findLast(({ variables }) => variables.has(name))?.variables.get(name);
}
