import { CompletionItemKind, InsertTextFormat, type CompletionItem } from "vscode-languageserver";
import { prototypeText } from "../../btf/typeSet";
import { findProvider, hardwareEvents, iterators, providers, rateUnits, softwareEvents, type Provider } from "../../bpflang/providers";
import type { Span } from "../../bpflang/syntax";
import { isAfter, lacks } from "../../bpflang/targetKnowledge";
import type { ProgramDocument } from "./programDocument";
import { completionLimit, escapeSnippet, inOrder, type Word } from "./completion";

/** A kind of probe, then what it can be put on. */
export function probeItems(document: ProgramDocument, point: Word, offset: number): readonly CompletionItem[] {
  const colon = point.text.indexOf(":");
  if (colon < 0) return providerItems(document, { start: point.start, end: point.end });
  const provider = findProvider(point.text.slice(0, colon));
  const rest = point.text.slice(colon + 1);
  return provider ? targetItems(document, provider, rest, { start: offset - rest.length, end: point.end }) : [];
}

const topLevel: readonly (readonly [label: string, insert: string, detail: string, since: string])[] = [
  ["config", "config = {\n\t$0\n}", "settings of the program", "0.20.4"],
  ["macro", "macro ${1:name}($2) {\n\t$0\n}", "a piece of program that is put in where it is called", "0.24.2"],
];

function providerItems(document: ProgramDocument, span: Span): readonly CompletionItem[] {
  const { knowledge } = document;
  const known = providers.filter(({ since, until }) => !lacks(knowledge, since) && (until === undefined || !isAfter(knowledge, until)));
  const items = known.filter((provider) => isUsual(provider, known)).map((provider): CompletionItem => ({
    label: provider.name,
    kind: CompletionItemKind.Event,
    detail: provider.form,
    documentation: provider.summary,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range: document.range(span), newText: providerText(provider) },
    ...(provider.target === "none" ? {} : { command: { title: "Complete", command: "editor.action.triggerSuggest" } }),
  }));
  const others = topLevel.filter(([, , , since]) => !lacks(knowledge, since)).map(([label, insert, detail]): CompletionItem => ({
    label, detail, kind: CompletionItemKind.Keyword, insertTextFormat: InsertTextFormat.Snippet, textEdit: { range: document.range(span), newText: insert },
  }));
  return inOrder([...items, ...others]);
}

/** Of two spellings the one that this version prefers. */
const isUsual = ({ name, sameAs }: Provider, known: readonly Provider[]): boolean => !(sameAs !== undefined && /^k(?:ret)?func$/.test(name) && known.some((other) => other.name === sameAs));

function providerText({ name, target }: Provider): string {
  switch (target) {
    case "none":
      return `${name} {\n\t$0\n}`;
    case "rate":
      return name === "profile" ? "profile:hz:${1:99} {\n\t$0\n}" : "interval:s:${1:1} {\n\t$0\n}";
    default:
      return `${name}:`;
  }
}

function targetItems(document: ProgramDocument, provider: Provider, query: string, span: Span): readonly CompletionItem[] {
  const { functions, tracepoints, types } = document.knowledge;
  const finish = bodyText(document, span.end);
  const items = (names: readonly string[], kind: CompletionItemKind, detail: (name: string) => string | undefined, suffix = finish): readonly CompletionItem[] =>
    inOrder(names.slice(0, completionLimit).map((name) => named(document, span, query, name, kind, suffix, detail(name))));
  switch (provider.target) {
    case "function":
    case "typedFunction": {
      const [module, name = ""] = query.includes(":") ? query.split(":") : [undefined, query];
      const place = module === undefined ? span : { start: span.start + module.length + 1, end: span.end };
      const found = (functions?.list.search(name, completionLimit * 2) ?? []).filter((candidate) => module === undefined || (functions?.moduleOf(candidate) ?? "vmlinux") === module);
      return inOrder(found.slice(0, completionLimit).map((candidate) => functionItem(document, place, name, candidate, finish)));
    }
    case "tracepoint":
      return items(tracepoints?.list.search(query, completionLimit) ?? [], CompletionItemKind.Event, (name) => tracepoints?.get(name)?.fields.map((field) => field.name).join(", "));
    case "rawTracepoint":
      return items((tracepoints?.list.names ?? []).map((name) => name.split(":")[1] ?? name).filter((name) => types === undefined || types.find("typedef", `btf_trace_${name}`) !== undefined), CompletionItemKind.Event, () => undefined);
    case "rate":
      return items(rateUnits, CompletionItemKind.Unit, () => undefined, `:\${1:1}${finish}`);
    case "event":
      return items(provider.name === "software" ? softwareEvents : provider.name === "hardware" ? hardwareEvents : ["signal:SIGUSR1"], CompletionItemKind.Event, () => undefined, `:\${1:1}${finish}`);
    case "iterator":
      return items(iterators, CompletionItemKind.Event, () => undefined);
    default:
      return [];
  }
}

function functionItem(document: ProgramDocument, span: Span, query: string, name: string, finish: string): CompletionItem {
  const { functions, types } = document.knowledge;
  const module = functions?.moduleOf(name);
  const proto = types?.prototype(name, module);
  const item = named(document, span, query, name, CompletionItemKind.Function, finish, proto && prototypeText(proto, name));
  return module === undefined ? item : { ...item, labelDetails: { description: module } };
}

/** The query as the text to filter by: what was found by its letters must not be dropped for them by the editor. */
function named(document: ProgramDocument, span: Span, query: string, name: string, kind: CompletionItemKind, suffix: string, detail: string | undefined): CompletionItem {
  return {
    label: name, kind, ...(detail === undefined ? {} : { detail }), filterText: query === "" ? name : query,
    insertTextFormat: InsertTextFormat.Snippet, textEdit: { range: document.range(span), newText: `${escapeSnippet(name)}${suffix}` },
  };
}

/** A block, where the probe has none yet. */
function bodyText({ text }: ProgramDocument, end: number): string {
  const next = /^[^\S\n]*(\S?)/.exec(text.slice(end, end + 200))?.[1] ?? "";
  if (next !== "") return "";
  const following = text.slice(end, end + 4000).trimStart();
  return following.startsWith("{") || following.startsWith("/") || following.startsWith(",") ? "" : " {\n\t$0\n}";
}
