/** Where a program names its maps and variables. Maps are of the whole program, variables of the action, macro or function they stand in, or of a block of it. */
import { SymbolCollector, type Occurrence, type ScopedVariable } from "./collectSymbols";
import type { Item, Node, Program, Span } from "./syntax";
import { contains } from "./walk";

export class Symbols {
  /** In the order of the text. */
  readonly occurrences: readonly Occurrence[];
  private readonly maps = new Map<string, Occurrence[]>();
  private readonly variables: readonly ScopedVariable[];
  private readonly byNode: ReadonlyMap<Node, Occurrence>;

  /** @param inBlocks variables live in blocks, as since bpftrace 0.22 */
  constructor(program: Program, inBlocks: boolean) {
    const collector = new SymbolCollector(inBlocks);
    for (const item of program.items) collector.add(item);
    this.occurrences = collector.occurrences.sort((a, b) => a.start - b.start);
    this.variables = collector.variables;
    this.byNode = collector.byNode;
    for (const occurrence of this.occurrences) if (occurrence.kind === "map") this.noteMap(occurrence);
  }

  private noteMap(occurrence: Occurrence): void {
    const known = this.maps.get(occurrence.text);
    if (known) known.push(occurrence);
    else this.maps.set(occurrence.text, [occurrence]);
  }

  at(offset: number): Occurrence | undefined {
    return this.occurrences.find(({ start, end }) => start <= offset && offset <= end);
  }

  /** Of a variable, a map, a `let` or a loop. */
  of(node: Node): Occurrence | undefined {
    return this.byNode.get(node);
  }

  /** All places of the same map or variable; those of a variable in the order in which they are read. */
  same(occurrence: Occurrence): readonly Occurrence[] {
    return occurrence.variable?.occurrences ?? this.map(occurrence.text);
  }

  map(name: string): readonly Occurrence[] {
    return this.maps.get(name) ?? [];
  }

  mapNames(): readonly string[] {
    return [...this.maps.keys()];
  }

  /** The variables that can be named at a place of an item. */
  variablesAt(item: Item, offset: number): readonly ScopedVariable[] {
    return this.variables.filter((variable) => variable.item === item && contains(variable.scope, offset));
  }

  /** The variables of this name that live where another may be named. */
  variablesWithin({ item, scope }: ScopedVariable, name: string): readonly ScopedVariable[] {
    return this.variables.filter((variable) => variable.item === item && variable.name === name && overlap(variable.scope, scope));
  }
}

const overlap = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;
