/**
 * What a program's expressions are, on a target: types from casts, from BTF, from the program's own structures and assignments. Everything is worked
 * out when asked and kept; nothing here fails on a half-typed program, and what is not known is undefined.
 */
import { formatArguments, probeArguments, returnValue } from "./probeArguments";
import { placeOf, type ProbePlace } from "./providers";
import type { Occurrence } from "./collectSymbols";
import { resultOf } from "./languageNames";
import { Symbols } from "./symbols";
import type { Block, Call, CDefinition, Expression, If, Item, Macro, MapAccess, Member, Node, Program, Subprogram, TypeName, TypeQuery } from "./syntax";
import { walk } from "./walk";
import { isAfter, type TargetKnowledge } from "./targetKnowledge";
import { plain, structureOf, targetOf, type Field, type ValueType } from "./valueType";

/** Types that are looked up for one another in a circle, or a chain as long, are given up. */
const deepest = 60;

export class Analysis {
  readonly symbols: Symbols;
  private readonly definitions: ReadonlyMap<string, CDefinition>;
  /** Those of the program itself. */
  private readonly functions: ReadonlyMap<string, Macro | Subprogram>;
  private readonly types = new Map<Node, ValueType | undefined>();
  private depth = 0;

  constructor(
    readonly program: Program,
    readonly knowledge: TargetKnowledge,
  ) {
    this.symbols = new Symbols(program, isAfter(knowledge, "0.22.0"));
    this.functions = new Map(program.items.flatMap((item) => (item.kind === "subprogram" || item.kind === "macro" ? [[item.name.text, item] as const] : [])));
    this.definitions = new Map(activeItems(program, knowledge).flatMap((item) => (item.kind === "definition" ? [[`${item.keyword} ${item.name.text}`, item] as const] : [])));
  }

  itemAt(offset: number): Item | undefined {
    return this.program.items.find((item) => item.start <= offset && offset <= item.end);
  }

  places(item: Item | undefined): readonly ProbePlace[] {
    return item?.kind === "probe" ? item.points.flatMap((point) => placeOf(point) ?? []) : [];
  }

  /** `args` of a probe: what all its attach points have together. */
  argumentsOf(item: Item | undefined): readonly Field[] | undefined {
    const [first, ...others] = this.places(item).map((place) => formatArguments(place, this.knowledge));
    if (!first) return undefined;
    return first.filter(({ name }) => others.every((fields) => !fields || fields.some((field) => field.name === name)));
  }

  definition(keyword: string, name: string): CDefinition | undefined {
    return this.definitions.get(`${keyword} ${name}`);
  }

  /** The type that a cast or declaration in an item names. */
  named({ keyword, name, query, pointers, dimensions }: TypeName, item?: Item): ValueType | undefined {
    let type = query ? this.queried(query, item) : this.base(keyword, name.text);
    for (let count = 0; count < pointers && type; count++) type = { kind: "pointer", to: type };
    for (const count of dimensions) type = type && { kind: "array", of: type, ...(count === undefined ? {} : { count }) };
    return type;
  }

  /** What `sizeof`, `offsetof` and `typeof` ask about. */
  queried({ type, operand }: TypeQuery, item: Item | undefined): ValueType | undefined {
    return type ? this.named(type, item) : operand && this.typeOf(operand, item);
  }

  private base(keyword: TypeName["keyword"], name: string): ValueType | undefined {
    const own = this.definition(keyword ?? "struct", name);
    if (own) return { kind: "own", definition: own, typeOf: (field) => field.type && this.named(field.type) };
    const { types } = this.knowledge;
    const found = keyword ? types?.find(keyword, name) : (types?.find("typedef", name) ?? types?.find("struct", name));
    if (found) return { kind: "kernel", type: found };
    return keyword ? undefined : plain(name);
  }

  /** @param item the probe or macro that the expression stands in */
  typeOf(expression: Expression, item: Item | undefined): ValueType | undefined {
    if (this.types.has(expression)) return this.types.get(expression);
    if (this.depth > deepest) return undefined;
    this.types.set(expression, undefined);
    this.depth++;
    const type = this.infer(expression, item);
    this.depth--;
    this.types.set(expression, type);
    return type;
  }

  field({ object, field }: Member, item: Item | undefined): Field | undefined {
    return structureOf(this.typeOf(object, item))?.fields.find(({ name }) => name === field.text);
  }

  /** By the first place that gives the map or variable a type: a declaration, or what is assigned. */
  symbolType(occurrences: readonly Occurrence[]): ValueType | undefined {
    for (const { value, item, declares, type: declared } of occurrences) {
      const own = declared && this.named(declared, item);
      if (own) return own;
      if (!value) continue;
      if (value.kind === "for" && declares) return this.loopVariable(value.from, value.to);
      const type = this.typeOf(value as Expression, item);
      if (type) return type;
    }
    return undefined;
  }

  /** All places of the variable that a node names or declares. */
  variablePlaces(node: Node): readonly Occurrence[] {
    const occurrence = this.symbols.of(node);
    return occurrence ? this.symbols.same(occurrence) : [];
  }

  private loopVariable(from: Expression, to: Expression | undefined): ValueType | undefined {
    if (to || from.kind !== "map") return plain("int64");
    const uses = this.symbols.map(from.name.text);
    return { kind: "tuple", items: [this.keyType(from.name.text), this.symbolType(uses)] };
  }

  /** Of the first place that names the map with keys. */
  keyType(map: string): ValueType | undefined {
    const [access] = this.mapAccesses(map);
    if (!access) return undefined;
    const parts = (access.map.keys ?? []).map((key) => this.typeOf(key, access.item));
    return parts.length === 1 ? parts[0] : { kind: "tuple", items: parts };
  }

  private mapAccesses(name: string): { readonly map: MapAccess; readonly item: Item }[] {
    const found: { readonly map: MapAccess; readonly item: Item }[] = [];
    for (const item of this.program.items) {
      walk(item, (node) => {
        if (node.kind === "map" && node.name.text === name && node.keys) found.push({ map: node, item });
      });
    }
    return found;
  }

  private infer(expression: Expression, item: Item | undefined): ValueType | undefined {
    switch (expression.kind) {
      case "number":
        return plain("int64");
      case "string":
        return plain("string");
      case "identifier":
        return this.identifier(expression.text, item);
      case "variable":
        return this.symbolType(this.variablePlaces(expression));
      case "map":
        return this.symbolType(this.symbols.map(expression.name.text));
      case "call":
        return this.call(expression, item);
      case "member":
        return this.field(expression, item)?.type;
      case "index":
        return targetOf(this.typeOf(expression.object, item));
      case "cast":
        return this.named(expression.type, item);
      case "conditional":
        return this.typeOf(expression.then ?? expression.otherwise, item);
      case "tuple":
        return { kind: "tuple", items: expression.items.map((part) => this.typeOf(part, item)) };
      case "record":
        return { kind: "record", fields: expression.fields.map(({ name, value }) => this.recordField(name.text, value, item)) };
      case "unary":
        return this.unary(expression.operator, this.typeOf(expression.operand, item));
      case "binary":
        return this.binary(expression.operator, this.typeOf(expression.left, item));
      case "query":
        return /^(?:size|offset)of$/.test(expression.name.text) ? plain("uint64") : undefined;
      case "blockValue":
        return this.lastOf(expression.body, item);
      default:
        return undefined;
    }
  }

  private recordField(name: string, value: Expression, item: Item | undefined): Field {
    const type = this.typeOf(value, item);
    return { name, text: name, ...(type && { type }) };
  }

  private unary(operator: string, type: ValueType | undefined): ValueType | undefined {
    if (operator === "*") return targetOf(type);
    if (operator === "&") return type && { kind: "pointer", to: type };
    return operator === "!" ? plain("int64") : type;
  }

  private binary(operator: string, left: ValueType | undefined): ValueType | undefined {
    return ["+", "-"].includes(operator) && left?.kind === "pointer" ? left : plain("int64");
  }

  private identifier(name: string, item: Item | undefined): ValueType | undefined {
    if (name === "args") {
      const fields = this.argumentsOf(item);
      return fields && { kind: "arguments", fields };
    }
    if (name === "retval") return returnValue(this.places(item)[0], this.knowledge) ?? plain("int64");
    if (name === "curtask") {
      const task = this.knowledge.types?.find("struct", "task_struct");
      return task ? { kind: "pointer", to: { kind: "kernel", type: task } } : plain("uint64");
    }
    if (/^(?:comm|func|probe|username|pcomm|probetype)$/.test(name)) return plain("string");
    if (name === "kstack" || name === "ustack") return plain(`${name}_t`);
    return /^(?:arg\d|sarg\d|pid|tid|uid|gid|cpu|nsecs|elapsed|rand|cgroup|cpid|numaid|jiffies|ncpus|ppid)$/.test(name) ? plain("uint64") : undefined;
  }

  private call({ name, args }: Call, item: Item | undefined): ValueType | undefined {
    const [first] = args;
    if (["kptr", "uptr", "bswap"].includes(name.text)) return first && this.typeOf(first, item);
    const own = this.functions.get(name.text);
    if (own) return own.kind === "subprogram" ? own.returns && this.named(own.returns, own) : undefined;
    const result = resultOf(name.text);
    return this.identifier(name.text, item) ?? (result === undefined ? undefined : plain(result));
  }

  /** What the last statement of a block gives; of two branches the first. */
  private lastOf(body: Block | If, item: Item | undefined): ValueType | undefined {
    if (body.kind === "if") return this.lastOf(body.then, item);
    const last = body.statements.at(-1);
    return last?.kind === "expression" ? this.typeOf(last.expression, item) : undefined;
  }

  /** Parameters of the function that a probe with one attach point is at: what arg0, arg1… are. */
  parameters(item: Item | undefined): readonly Field[] | undefined {
    const places = this.places(item);
    const [place] = places;
    return places.length === 1 && place ? probeArguments(place, this.knowledge) : undefined;
  }
}

/** Without what a program has only for kernels without BTF. */
function activeItems({ items }: Program, { types }: TargetKnowledge): readonly Item[] {
  if (!types) return items;
  let skipping = false;
  return items.filter((item) => {
    if (item.kind !== "preprocessor") return !skipping;
    if (/^#\s*ifndef\s+BPFTRACE_HAVE_BTF\b/.test(item.text)) skipping = true;
    else if (/^#\s*(?:endif|else)\b/.test(item.text)) skipping = false;
    return true;
  });
}
