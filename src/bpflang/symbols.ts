/** Where a program names its maps and variables. Maps are of the whole program, variables of the probe, macro or function they stand in. */
import type { Item, Name, Node, Program, Span } from "./syntax";
import { walk } from "./walk";

export interface Occurrence extends Name {
  readonly kind: "map" | "variable";
  readonly writes: boolean;
  /** What a variable belongs to. */
  readonly item: Item;
  /** The expression that is assigned here, or what the variable of a loop goes through. */
  readonly value?: Node;
  /** A declared type, the target of a loop, a parameter. */
  readonly declares: boolean;
}

export class Symbols {
  readonly occurrences: readonly Occurrence[];
  private readonly byKey = new Map<string, Occurrence[]>();

  constructor(program: Program) {
    const all: Occurrence[] = [];
    program.items.forEach((item) => collect(item, all));
    all.sort((a, b) => a.start - b.start);
    this.occurrences = all;
    const numbers = new Map(program.items.map((item, index) => [item, index]));
    for (const occurrence of all) {
      const key = keyOf(occurrence, numbers.get(occurrence.item) ?? 0);
      const known = this.byKey.get(key);
      if (known) known.push(occurrence);
      else this.byKey.set(key, [occurrence]);
    }
    this.numbers = numbers;
  }

  private readonly numbers: ReadonlyMap<Item, number>;

  at(offset: number): Occurrence | undefined {
    return this.occurrences.find(({ start, end }) => start <= offset && offset <= end);
  }

  /** All places that name the same map, or the same variable of the same item, in the order of the text. */
  same(occurrence: Occurrence): readonly Occurrence[] {
    return this.byKey.get(keyOf(occurrence, this.numbers.get(occurrence.item) ?? 0)) ?? [occurrence];
  }

  map(name: string): readonly Occurrence[] {
    return this.byKey.get(name) ?? [];
  }

  variable(item: Item, name: string): readonly Occurrence[] {
    return this.byKey.get(`${this.numbers.get(item) ?? 0}${name}`) ?? [];
  }

  mapNames(): readonly string[] {
    return [...new Set(this.occurrences.filter(({ kind }) => kind === "map").map(({ text }) => text))];
  }

  variableNames(item: Item): readonly string[] {
    return [...new Set(this.occurrences.filter((occurrence) => occurrence.kind === "variable" && occurrence.item === item).map(({ text }) => text))];
  }
}

const keyOf = ({ kind, text }: Occurrence, item: number): string => (kind === "map" ? text : `${item}${text}`);

function collect(item: Item, into: Occurrence[]): void {
  const add = (kind: Occurrence["kind"], { start, end, text }: Name, writes: boolean, declares: boolean, value?: Node): void => {
    if (text.length > 1 || kind === "map") into.push({ kind, start, end, text, writes, declares, item, ...(value && { value }) });
  };
  if (item.kind === "mapDeclaration") add("map", item.name, true, true);
  if (item.kind === "macro") item.parameters.forEach((name) => addParameter(name, add));
  if (item.kind === "subprogram") item.parameters.forEach(({ name }) => add("variable", name, true, true));
  const written = new Map<Span, Node | undefined>();
  walk(item, (node) => {
    switch (node.kind) {
      case "assign":
        written.set(node.target, node.value);
        break;
      case "unary":
        if (node.operator === "++" || node.operator === "--" || node.operator === "&") written.set(node.operand, undefined);
        break;
      case "let":
        add("variable", node.name, true, true, node.value);
        break;
      case "for":
        add("variable", node.name, true, true, node);
        break;
      case "variable":
        add("variable", node, written.has(node), false, written.get(node));
        break;
      case "map":
        add("map", node.name, written.has(node), false, written.get(node));
        break;
      default:
    }
  });
}

function addParameter(name: Name, add: (kind: Occurrence["kind"], name: Name, writes: boolean, declares: boolean) => void): void {
  if (name.text.startsWith("@")) add("map", name, true, true);
  else if (name.text.startsWith("$")) add("variable", name, true, true);
}
