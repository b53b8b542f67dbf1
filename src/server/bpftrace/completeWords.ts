import { CompletionItemKind, InsertTextFormat, type CompletionItem } from "vscode-languageserver";
import { underlying } from "../../btf/typeSet";
import { languageNames, languageTypes, type LanguageName } from "../../bpflang/languageNames";
import { modesOf } from "../../bpflang/nameChecks";
import type { Item, Span } from "../../bpflang/syntax";
import { isAfter, lacks } from "../../bpflang/targetKnowledge";
import { typeNames } from "../../bpflang/typeNames";
import { isPointer, typeText } from "../../bpflang/valueType";
import { nodesAt } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";
import { completionLimit, escapeSnippet, inOrder, snippet, type Word } from "./completion";

/** What an expression or statement can begin with, the nearest things first. */
export function expressionItems(document: ProgramDocument, item: Item | undefined, word: Word, offset: number): readonly CompletionItem[] {
  const items = [
    ...enumItems(document, item, word, offset),
    ...modeItems(document, word, offset),
    ...(/^[@\w]/.test(word.text) && !word.text.startsWith("$") && word.text.startsWith("@") ? [] : argumentItems(document, item, word, offset)),
    ...symbolItems(document, item, word),
    ...(/^[$@]/.test(word.text) ? [] : [...ownItems(document, word), ...nameItems(document, word), ...castTypeItems(document, word, offset)]),
  ];
  return inOrder(items);
}

/** After `x ==` and in the brackets of such a call: the values of the enum that x is. */
function enumItems(document: ProgramDocument, item: Item | undefined, word: Word, offset: number): readonly CompletionItem[] {
  const { analysis, text } = document;
  // Where nothing follows the operator yet, the comparison ends with it.
  const operatorEnd = text.slice(0, word.start).trimEnd().length;
  const node = [offset, operatorEnd].map((place) => nodesAt(document.program.items, place).findLast(({ kind }) => kind === "binary")).find((found) => found !== undefined);
  if (node?.kind !== "binary" || !/^(?:[=!]=|[<>]=?|&)$/.test(node.operator) || offset < node.left.end || !/[=!<>&]\s*\w*$/.test(text.slice(node.left.end, offset))) return [];
  const type = analysis.typeOf(node.left, item);
  const found = type?.kind === "kernel" ? underlying(type.type) : undefined;
  if (found?.kind !== "enum" && found?.kind !== "enum64") return [];
  return found.owner.values(found).map(({ name, value }) => ({ label: name, kind: CompletionItemKind.EnumMember, detail: `${value} of enum ${found.name}`, textEdit: { range: document.range(word), newText: name }, preselect: true }));
}

function modeItems(document: ProgramDocument, word: Word, offset: number): readonly CompletionItem[] {
  const call = nodesAt(document.program.items, offset).findLast((node) => node.kind === "call");
  if (call?.kind !== "call" || offset <= call.brackets.start) return [];
  return modesOf(call.name.text).map((mode) => ({ label: mode, kind: CompletionItemKind.EnumMember, detail: `mode of ${call.name.text}`, textEdit: { range: document.range(word), newText: mode } }));
}

/** The function's parameters: as registers, as casts, and, where a statement begins, as variables of the right type. */
function argumentItems(document: ProgramDocument, item: Item | undefined, word: Word, offset: number): readonly CompletionItem[] {
  const { analysis } = document;
  const [place] = analysis.places(item);
  if (place?.provider.target !== "function" || place.provider.atReturn) return [];
  const isStatement = /[{};]\s*$/.test(document.text.slice(Math.max(0, word.start - 200), word.start));
  return (analysis.parameters(item) ?? []).flatMap((parameter, index) => {
    const cast = parameter.type && isPointer(parameter.type) ? `(${typeText(parameter.type).replace(/^const /, "")})arg${index}` : undefined;
    const variable = `$${parameter.name} = ${cast ?? `arg${index}`}`;
    const about = { detail: parameter.text, kind: CompletionItemKind.Variable };
    return [
      ...(isStatement && offset >= word.start ? [snippet(variable, `${escapeSnippet(variable)};$0`, word, document, { ...about, filterText: `$${parameter.name} arg${index} ${parameter.name}` })] : []),
      ...(word.text.startsWith("$") ? [] : [snippet(`arg${index}`, `arg${index}`, word, document, about)]),
      ...(word.text.startsWith("$") || cast === undefined ? [] : [snippet(`(${cast})`, `(${escapeSnippet(cast)})`, word, document, { ...about, filterText: `arg${index} ${parameter.name} ${cast}` })]),
    ];
  });
}

function symbolItems(document: ProgramDocument, item: Item | undefined, word: Word): readonly CompletionItem[] {
  const { symbols } = document.analysis;
  const variables = item && !word.text.startsWith("@") ? symbols.variablesAt(item, word.start) : [];
  const maps = word.text.startsWith("$") ? [] : symbols.mapNames().map((name) => ({ name, occurrences: symbols.map(name) }));
  return [...variables, ...maps].filter(({ occurrences }) => occurrences.some(({ start }) => start !== word.start)).map(({ name, occurrences }) => {
    const type = document.analysis.symbolType(occurrences);
    return { label: name, kind: name.startsWith("@") ? CompletionItemKind.Field : CompletionItemKind.Variable, ...(type && { detail: typeText(type) }), textEdit: { range: document.range(word), newText: name } };
  });
}

function ownItems(document: ProgramDocument, word: Word): readonly CompletionItem[] {
  return document.program.items.flatMap((item) =>
    item.kind === "macro" || item.kind === "subprogram" ? [{ label: item.name.text, kind: CompletionItemKind.Function, detail: item.kind === "macro" ? "macro of this program" : "function of this program", textEdit: { range: document.range(word), newText: item.name.text } }] : [],
  );
}

const bodies: Readonly<Record<string, string>> = {
  printf: 'printf("$1\\\\n"$2);$0', if: "if ($1) {\n\t$0\n}", while: "while ($1) {\n\t$0\n}", for: "for (${1:\\$kv} : ${2:@map}) {\n\t$0\n}", unroll: "unroll ($1) {\n\t$0\n}",
  else: "else {\n\t$0\n}", str: "str($1)$0", kstack: "kstack", ustack: "ustack", exit: "exit();",
  sizeof: "sizeof($1)$0", offsetof: "offsetof($1, $2)$0", typeof: "typeof($1)$0", typeinfo: "typeinfo($1)$0",
};

function nameItems(document: ProgramDocument, word: Word): readonly CompletionItem[] {
  const { knowledge } = document;
  const usable = languageNames.filter(({ name, since, until }) => !/N$/.test(name) && !["config", "macro", "fn", "import"].includes(name) && !lacks(knowledge, since) && !(until !== undefined && isAfter(knowledge, until)));
  return usable.flatMap((entry) => {
    const item: CompletionItem = {
      label: entry.name, kind: kindOf(entry), ...(entry.signatures[0] === undefined ? {} : { detail: entry.signatures[0] }), documentation: `${entry.summary}\n\nSince bpftrace ${entry.since}.`,
      insertTextFormat: InsertTextFormat.Snippet, textEdit: { range: document.range(word), newText: bodies[entry.name] ?? (entry.use === "call" ? `${entry.name}($1)$0` : entry.name) },
    };
    return entry.use === "both" && bodies[entry.name] !== undefined ? [item, { ...item, label: `${entry.name}(perf)`, textEdit: { range: document.range(word), newText: `${entry.name}(perf)` } }] : [item];
  });
}

function kindOf({ use }: LanguageName): CompletionItemKind {
  return use === "keyword" ? CompletionItemKind.Keyword : use === "call" ? CompletionItemKind.Function : CompletionItemKind.Constant;
}

/** After an opening bracket a type may begin a cast. */
function castTypeItems(document: ProgramDocument, word: Word, offset: number): readonly CompletionItem[] {
  if (!/\(\s*$/.test(document.text.slice(Math.max(0, word.start - 50), word.start)) || offset < word.start) return [];
  const words = ["struct", "union", "enum", ...languageTypes.filter(([, since]) => !lacks(document.knowledge, since)).map(([name]) => name)];
  return words.map((name) => ({ label: name, kind: CompletionItemKind.Struct, textEdit: { range: document.range(word), newText: name } }));
}

/** After `struct`: its names, with the pointer and the bracket of a cast. */
export function typeItems(document: ProgramDocument, keyword: "struct" | "union" | "enum", query: string, span: Span): readonly CompletionItem[] {
  const { types } = document.knowledge;
  const own = document.program.items.flatMap((item) => (item.kind === "definition" && item.keyword === keyword ? [item.name.text] : []));
  const found = [...own, ...(types ? typeNames(types, keyword).search(query, completionLimit) : [])];
  return inOrder(found.map((name) => ({ label: name, kind: CompletionItemKind.Struct, filterText: query === "" ? name : query, textEdit: { range: document.range(span), newText: name } })));
}

const settings: readonly (readonly [name: string, value: string, about: string])[] = [
  ["stack_mode", "perf", "how kstack and ustack print: bpftrace, perf, raw"], ["max_map_keys", "4096", "keys of a map"], ["max_strlen", "64", "longest string in bytes"],
  ["max_probes", "1024", "probes of a program"], ["missing_probes", "warn", "what to do about probes that do not exist: error, warn, ignore"], ["print_maps_on_exit", "true", "whether maps are printed at the end"],
  ["perf_rb_pages", "64", "pages of each buffer"], ["cpp_demangle", "true", "names of C++ as their authors wrote them"], ["lazy_symbolication", "false", "symbols of user space only when they are printed"],
  ["cache_user_symbols", "PER_PID", "PER_PID, PER_PROGRAM or NONE"], ["log_size", "1000000", "bytes of the verifier's log"], ["str_trunc_trailer", '".."', "what stands after a string that was cut"], ["license", '"GPL"', "licence of the program"],
];

export const configItems = (document: ProgramDocument, word: Word): readonly CompletionItem[] =>
  settings.map(([name, value, about]) => snippet(name, `${name}=\${1:${value}};`, word, document, { detail: about, kind: CompletionItemKind.Property }));

