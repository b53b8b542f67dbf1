import type { BtfType } from "../btf/btf";
import { fieldsOf, pointee, underlying } from "../btf/typeSet";
import type { Analysis } from "./analysis";
import { nearWords, replaceBy, type Finding, type Fix } from "./finding";
import { nearestNames } from "./fuzzyList";
import { formatArguments } from "./probeArguments";
import type { Cast, Identifier, Item, Member, Name, TypeQuery } from "./syntax";
import { isAfter, lacks } from "./targetKnowledge";
import { pathOf } from "./typeQueries";
import { isPointer, structureOf, typeText, type Field, type Structure, type ValueType } from "./valueType";
import { walk } from "./walk";

/** Fields, casts and arguments, held against the target's own types. */
export function checkTypes(analysis: Analysis): Finding[] {
  const findings: Finding[] = [];
  for (const item of analysis.program.items) {
    if (item.kind === "macro") continue;
    walk(item, (node) => {
      if (node.kind === "member" && node.field.text !== "") findings.push(...checkMember(analysis, node, item));
      if (node.kind === "query") findings.push(...checkQuery(analysis, node, item));
      if (node.kind === "let" && node.type) findings.push(...checkTypeName(analysis, node.type, item));
      if (node.kind === "cast") findings.push(...checkCast(analysis, node, item));
      if (node.kind === "identifier") findings.push(...checkArgument(analysis, node, item));
    });
  }
  return findings;
}

function checkMember(analysis: Analysis, node: Member, item: Item): Finding[] {
  const { object, operator, field } = node;
  const type = analysis.typeOf(object, item);
  if (!type || /^\d/.test(field.text)) return [];
  if (type.kind === "plain") return checkNumber(analysis, node, item, type);
  const structure = structureOf(type);
  if (!structure) return [];
  if (hasField(analysis, type, structure.fields, field.text, item)) return checkOperator(analysis, operator, type);
  return [unknownField(field, structure, type.kind === "arguments" ? "This probe has no argument" : `${structure.text}${onKernel(analysis)} has no field`)];
}

function unknownField(field: Name, { fields }: Structure, where: string): Finding {
  const names = fields.map(({ name }) => name);
  const near = nearestNames(field.text, names);
  const related = near.length > 0 ? near : names.filter((name) => sharesWord(name, field.text)).slice(0, 3);
  return { start: field.start, end: field.end, code: "unknown-field", severity: "error", message: `${where} ${field.text}${nearWords(related)}`, fixes: related.map((name) => replaceBy(field, name)) };
}

/** sizeof(struct x), offsetof(struct x, a.b). */
function checkQuery(analysis: Analysis, query: TypeQuery, item: Item): Finding[] {
  const unknown = query.type ? checkTypeName(analysis, query.type, item) : [];
  // A structure without fields is one that the kernel only names.
  const missing = pathOf(analysis, query, item).find(({ name, structure, field }) => name.text !== "" && !field && structure.fields.length > 0);
  return [...unknown, ...(missing ? [unknownField(missing.name, missing.structure, `${missing.structure.text}${onKernel(analysis)} has no field`)] : [])];
}

const onKernel = ({ knowledge: { release } }: Analysis): string => (release === undefined ? "" : ` of ${release}`);

/** `nr_running` → `nr_queued`: a renamed field often keeps a part of its name. */
const sharesWord = (a: string, b: string): boolean => a.split("_").some((part) => part.length > 1 && b.split("_").includes(part));

function hasField(analysis: Analysis, type: ValueType, fields: readonly Field[], name: string, item: Item): boolean {
  if (type.kind === "record") return true;
  if (fields.some((field) => field.name === name) || fields.length === 0) return true;
  if (type.kind !== "arguments") return false;
  // Of several attach points each has arguments of its own.
  const all = analysis.places(item).map((place) => formatArguments(place, analysis.knowledge));
  return name.startsWith("common_") || all.some((own) => !own || own.some((field) => field.name === name));
}

function checkOperator({ knowledge }: Analysis, operator: Member["operator"], type: ValueType): Finding[] {
  const span = { start: operator.start, end: operator.end };
  if (type.kind === "arguments") {
    if (operator.text === "->" || !lacks(knowledge, "0.19.1")) return [];
    return [{ ...span, code: "version", severity: "error", message: `args.name came with bpftrace 0.19; before it is args->name.`, fixes: [replaceBy(operator, "->", true)] }];
  }
  if (operator.text === "." && isPointer(type) && knowledge.version && !isAfter(knowledge, "0.25.0")) {
    return [{ ...span, code: "pointer-dot", severity: "error", message: `This is a pointer: ${typeText(type)}`, fixes: [replaceBy(operator, "->", true)] }];
  }
  if (operator.text === "->" && !isPointer(type) && type.kind === "kernel") {
    return [{ ...span, code: "structure-arrow", severity: "error", message: `This is no pointer: ${typeText(type)}`, fixes: [replaceBy(operator, ".", true)] }];
  }
  return [];
}

/** arg0->x: a register has no fields until it is cast. */
function checkNumber(analysis: Analysis, { object, field }: Member, item: Item, type: ValueType & { kind: "plain" }): Finding[] {
  const index = object.kind === "identifier" ? /^arg(\d)$/.exec(object.text)?.[1] : undefined;
  if (index === undefined || !isNumber(type.name)) return [];
  const parameter = analysis.parameters(item)?.[Number(index)];
  const wanted = parameter?.type && isPointer(parameter.type) ? typeText(parameter.type).replace(/^const /, "") : undefined;
  const fixes: Fix[] = wanted === undefined ? [] : [{ title: `Cast to ${wanted}`, changes: [{ start: object.start, end: object.end, text: `((${wanted})arg${index})` }], preferred: true }];
  return [{ start: object.start, end: field.end, code: "cast-needed", severity: "error", message: `arg${index} is a number here: it wants a cast before it has fields${wanted === undefined ? "" : `, to ${wanted}`}.`, fixes }];
}

const isNumber = (name: string): boolean => /^u?int\d+$/.test(name);

function checkCast(analysis: Analysis, { type, operand }: Cast, item: Item): Finding[] {
  const unknown = checkTypeName(analysis, type, item);
  if (unknown.length > 0) return unknown;
  const index = operand.kind === "identifier" ? /^arg(\d)$/.exec(operand.text)?.[1] : undefined;
  const parameters = index === undefined ? undefined : analysis.parameters(item);
  const parameter = parameters?.[Number(index)];
  if (!parameters || !parameter?.type || type.pointers !== 1) return [];
  const wanted = analysis.named({ ...type, pointers: 0, dimensions: [] }, item);
  const [own, cast] = [structure(parameter.type, true), wanted && structure(wanted, false)];
  if (!own || !cast || isRelated(own, cast)) return [];
  const better = parameters.findIndex((other) => other.type && structure(other.type, true)?.name === cast.name);
  const name = analysis.places(item)[0]?.name ?? "";
  const message = `arg${index} of ${name} is ${parameter.text}, no ${type.keyword ?? "struct"} ${type.name.text}${better < 0 ? "" : `; that is arg${better}`}`;
  const fixes = [
    ...(better < 0 ? [] : [replaceBy(operand, `arg${better}`, true)]),
    replaceBy(type, typeText(parameter.type).replace(/^const /, "")),
  ];
  return [{ start: type.start, end: operand.end, code: "wrong-cast", severity: "warning", message, fixes }];
}

function checkTypeName(analysis: Analysis, { keyword, name }: Cast["type"], item: Item): Finding[] {
  // A program's own types come from its debuginfo.
  if (analysis.places(item).some(({ provider }) => provider.target === "file")) return [];
  const { types, release } = analysis.knowledge;
  if (!types || !keyword || name.text === "" || analysis.definition(keyword, name.text) || types.find(keyword, name.text)) return [];
  if (analysis.program.items.some((item) => item.kind === "preprocessor" || item.kind === "import")) return [];
  const near = nearestNames(name.text, types.kernel.namesIn(keyword), 3);
  return [{ start: name.start, end: name.end, code: "unknown-type", severity: "error", message: `The kernel${release === undefined ? "" : ` ${release}`} has no ${keyword} ${name.text}${nearWords(near)}`, fixes: near.map((candidate) => replaceBy(name, candidate)) }];
}

/** The named structure that a type is, or points to. */
function structure(type: ValueType, throughPointer: boolean): BtfType | undefined {
  if (type.kind !== "kernel") return undefined;
  const found = throughPointer ? pointee(type.type) : underlying(type.type);
  return (found?.kind === "struct" || found?.kind === "union") && found.name !== "" ? found : undefined;
}

/** A structure may be seen as the one it begins with, and the other way round: a tcp_sock is a sock. */
const isRelated = (a: BtfType, b: BtfType): boolean => beginsWith(a, b.name) || beginsWith(b, a.name);

function beginsWith(type: BtfType, name: string, depth = 0): boolean {
  if (type.name === name) return true;
  const first = depth > 8 ? undefined : type.owner.members(type)[0];
  const inner = first && underlying(type.owner.type(first.type));
  if (inner && (inner.kind === "struct" || inner.kind === "union") && beginsWith(inner, name, depth + 1)) return true;
  return type.kind === "union" && depth < 8 && fieldsOf(type).some((field) => field.bitOffset === 0 && underlying(field.type)?.name === name);
}

function checkArgument(analysis: Analysis, { text, start, end }: Identifier, item: Item): Finding[] {
  const index = /^arg(\d)$/.exec(text)?.[1];
  const [place] = analysis.places(item);
  if (!place) return [];
  if (text === "retval" && place.provider.target === "function" && !place.provider.atReturn) {
    return [{ start, end, code: "no-retval", severity: "error", message: `A ${place.provider.name} stands where the function begins: it has no retval yet.`, fixes: [] }];
  }
  if (index === undefined || place.provider.target !== "function") return [];
  if (place.provider.atReturn) return [{ start, end, code: "no-arguments", severity: "error", message: `A ${place.provider.name} no longer has the arguments: keep them in a map in a kprobe, by tid.`, fixes: [] }];
  const parameters = analysis.parameters(item);
  if (!parameters || Number(index) < parameters.length) return [];
  const count = parameters.length === 1 ? "one argument" : `${parameters.length} arguments`;
  return [{ start, end, code: "no-such-argument", severity: "warning", message: `${place.name} has ${count}${parameters.length === 0 ? "" : `: ${parameters.map((parameter) => parameter.text).join(", ")}`}.`, fixes: [] }];
}
