import { MarkupKind, type Hover } from "vscode-languageserver";
import { declaration } from "../../btf/declaration";
import { fieldsOf, prototypeText, underlying } from "../../btf/typeSet";
import { languageName } from "../../bpflang/languageNames";
import { prototypeAt } from "../../bpflang/probeArguments";
import { placeOf } from "../../bpflang/providers";
import type { AttachPoint, Expression, Item, Node, Span, TypeQuery } from "../../bpflang/syntax";
import { pathOf, queryText } from "../../bpflang/typeQueries";
import { structureOf, typeText, type Field, type Structure, type ValueType } from "../../bpflang/valueType";
import { contains, nodesAt } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";

/** Fields shown of a structure; there are some with hundreds. */
const shownFields = 24;

export function hover(document: ProgramDocument, offset: number): Hover | undefined {
  const item = document.analysis.itemAt(offset);
  const point = item?.kind === "probe" ? item.points.find((candidate) => contains(candidate, offset)) : undefined;
  const found = point ? { span: point, lines: pointLines(document, point) } : expressionLines(document, item, offset);
  if (!found || found.lines.length === 0) return undefined;
  return { contents: { kind: MarkupKind.Markdown, value: found.lines.join("\n\n") }, range: document.range(found.span) };
}

const code = (text: string): string => `\`\`\`c\n${text}\n\`\`\``;

function pointLines({ knowledge }: ProgramDocument, point: AttachPoint): string[] {
  const place = placeOf(point);
  if (!place) return [];
  const proto = prototypeAt(place, knowledge);
  const module = knowledge.functions?.moduleOf(place.name);
  const event = place.provider.target === "tracepoint" ? knowledge.tracepoints?.get(`${place.module ?? ""}:${place.name}`) : undefined;
  return [
    ...(proto ? [code(`${prototypeText(proto, place.name)};`)] : []),
    ...(event ? [code(event.fields.map((field) => `${field.declaration};`).join("\n"))] : []),
    place.provider.summary,
    ...(proto || event ? [`Of ${knowledge.name}${knowledge.release === undefined ? "" : `, ${knowledge.release}`}${module === undefined ? "" : `, module ${module}`}.`] : []),
  ];
}

interface Found {
  readonly span: Span;
  readonly lines: string[];
}

function expressionLines(document: ProgramDocument, item: Item | undefined, offset: number): Found | undefined {
  const path = nodesAt(document.program.items, offset);
  const node = path.at(-1);
  if (!node) return undefined;
  const parent = path.at(-2);
  switch (node.kind) {
    case "member":
      return contains(node.field, offset) ? { span: node.field, lines: fieldLines(document, node, item) } : undefined;
    case "call":
      return contains(node.name, offset) ? { span: node.name, lines: nameLines(document, node.name.text, item) } : undefined;
    case "identifier":
      return { span: node, lines: nameLines(document, node.text, item, document.analysis.typeOf(node, item)) };
    case "variable":
      return { span: node, lines: typedLines(node.text, document.analysis.typeOf(node, item)) };
    case "map":
      return contains(node.name, offset) ? { span: node.name, lines: mapLines(document, node.name.text) } : undefined;
    case "cast":
      return contains(node.type, offset) ? { span: node.type, lines: typeLines(document.analysis.named({ ...node.type, pointers: 0 }, item)) } : undefined;
    case "query":
      return queryFound(document, node, item, offset);
    case "let":
      return { span: node.name, lines: typedLines(node.name.text, document.analysis.symbolType(document.analysis.variablePlaces(node))) };
    case "number":
      return parent ? { span: node, lines: numberLines(document, node, parent, item) } : undefined;
    default:
      return undefined;
  }
}

function queryFound(document: ProgramDocument, node: TypeQuery, item: Item | undefined, offset: number): Found {
  const { analysis, knowledge } = document;
  if (node.type && contains(node.type, offset)) return { span: node.type, lines: typeLines(analysis.named(node.type, item)) };
  const step = pathOf(analysis, node, item).find(({ name }) => contains(name, offset));
  if (step) return { span: step.name, lines: step.field ? fieldText(step.field, step.structure) : [] };
  const value = queryText(analysis, node, item);
  return { span: node.name, lines: [...nameLines(document, node.name.text, item), ...(value === undefined ? [] : [`Here \`${value}\` on ${knowledge.name}.`])] };
}

function fieldLines(document: ProgramDocument, node: Expression & { kind: "member" }, item: Item | undefined): string[] {
  const field = document.analysis.field(node, item);
  const structure = structureOf(document.analysis.typeOf(node.object, item));
  return field && structure ? fieldText(field, structure) : [];
}

function fieldText(field: Field, structure: Structure): string[] {
  const place = field.offset === undefined ? "" : `, at byte ${Math.floor(field.offset)}`;
  return [code(`${field.text};`), `${structure.text}${place}`, ...enumLines(field.type)];
}

function enumLines(type: ValueType | undefined): string[] {
  const found = type?.kind === "kernel" ? underlying(type.type) : undefined;
  if (found?.kind !== "enum" && found?.kind !== "enum64") return [];
  const values = found.owner.values(found);
  return [code([...values.slice(0, shownFields).map(({ name, value }) => `${name} = ${value}`), ...(values.length > shownFields ? [`… ${values.length - shownFields} more`] : [])].join("\n"))];
}

function nameLines(document: ProgramDocument, name: string, item: Item | undefined, type?: ValueType): string[] {
  const index = /^arg(\d)$/.exec(name)?.[1];
  const parameter = index === undefined ? undefined : document.analysis.parameters(item)?.[Number(index)];
  const entry = languageName(name);
  if (!entry) return enumeratorLines(document, name);
  const value = name === "args" && type?.kind === "arguments" ? type.fields.map(({ text }) => `${text};`).join("\n") : undefined;
  const shown = parameter?.text ?? value ?? (entry.signatures.length > 0 ? entry.signatures.join("\n") : type && name === "retval" ? typeText(type) : undefined);
  return [...(shown === undefined ? [] : [code(shown)]), entry.summary, `Since bpftrace ${entry.since}${entry.until === undefined ? "" : `, until ${entry.until}`}.`];
}

function enumeratorLines({ knowledge: { types } }: ProgramDocument, name: string): string[] {
  for (const btf of types ? [types.kernel, ...types.modules.values()] : []) {
    for (const type of btf.typesOf(["enum", "enum64"])) {
      const found = btf.values(type).find((value) => value.name === name);
      if (found) return [code(`${declaration(btf, type.id)} { ${name} = ${found.value} }`)];
    }
  }
  return [];
}

function declared(type: ValueType, name: string): string {
  const text = typeText(type);
  return `${text}${text.endsWith("*") ? "" : " "}${name}`;
}

const typedLines = (name: string, type: ValueType | undefined): string[] => (type ? [code(declared(type, name)), ...structureLines(type)] : []);

function mapLines({ analysis }: ProgramDocument, name: string): string[] {
  const uses = analysis.symbols.map(name);
  const type = analysis.symbolType(uses);
  const key = analysis.keyType(name);
  const keys = key ? `[${typeText(key).replace(/^\((.*)\)$/, "$1")}]` : "";
  const writes = uses.filter((use) => use.writes).length;
  return [...(type ? [code(declared(type, `${name}${keys}`)), ...structureLines(type)] : []), `A map; written ${writes === 1 ? "once" : `${writes} times`}, named ${uses.length} times.`];
}

const typeLines = (type: ValueType | undefined): string[] => (type ? [code(typeText(type)), ...structureLines(type), ...enumLines(type)] : []);

function structureLines(type: ValueType): string[] {
  const structure = type.kind === "kernel" || type.kind === "pointer" || type.kind === "own" ? structureOf(type) : undefined;
  if (!structure) return [];
  const shown = structure.fields.slice(0, shownFields).map(({ text }) => `\t${text};`);
  const more = structure.fields.length - shown.length;
  return [code(`${structure.text} {\n${shown.join("\n")}${more > 0 ? `\n\t/* ${more} more */` : ""}\n}${sizeText(type)}`)];
}

function sizeText(type: ValueType): string {
  const plain = type.kind === "kernel" ? underlying(type.type) : undefined;
  return plain && (plain.kind === "struct" || plain.kind === "union") && fieldsOf(plain).length > 0 ? `; /* ${plain.target} bytes */` : ";";
}

/** A number beside a value of an enum, or beside a field that its event prints as words. */
function numberLines(document: ProgramDocument, node: Expression & Span, parent: Node, item: Item | undefined): string[] {
  if (parent.kind !== "binary" || node.kind !== "number") return [];
  const other = parent.left === node ? parent.right : parent.left;
  const value = Number(node.text);
  const type = document.analysis.typeOf(other, item);
  const found = type?.kind === "kernel" ? underlying(type.type) : undefined;
  const named = found && (found.kind === "enum" || found.kind === "enum64") ? found.owner.values(found).find((entry) => entry.value === BigInt(Number.isSafeInteger(value) ? value : -1))?.name : undefined;
  const [place] = document.analysis.places(item);
  const word = other.kind === "member" && place?.provider.target === "tracepoint" ? document.knowledge.tracepoints?.get(`${place.module ?? ""}:${place.name}`)?.symbols.get(value) : undefined;
  const text = named ?? word;
  return text === undefined ? [] : [`${node.text} is **${text}** on ${document.knowledge.name}.`];
}

