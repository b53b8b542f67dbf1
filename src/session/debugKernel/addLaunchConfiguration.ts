/**
 * Puts a configuration into the text of a launch.json and leaves every other character of it as it is.
 *
 * The file is JSON with comments and trailing commas. To keep them, the text is not parsed and written again: a scan that knows
 * strings, comments and brackets finds the elements of the top object's `configurations`, and only the place of ours changes.
 */
import { DomainError } from "../../base/errors";
import type { LaunchConfiguration } from "./launchConfiguration";

/** `text`: undefined or blank where there is no file yet. A configuration of the same name is replaced. @throws DomainError debug/bad-launch-file */
export function addLaunchConfiguration(text: string | undefined, configuration: LaunchConfiguration, file: string): string {
  if (text === undefined || text.trim() === "") return `${JSON.stringify({ version: "0.2.0", configurations: [configuration] }, null, 2)}\n`;
  const array = findConfigurations(text);
  if (!array) throw new DomainError("debug/bad-launch-file", "there is no list “configurations” in this file", file);
  const same = array.elements.find(({ start, end }) => nameOf(text.slice(start, end)) === configuration.name);
  if (same) return replace(text, same, indented(configuration, indentAt(text, same.start)));
  return append(text, array, configuration);
}

/** Behind all that the list holds, its comments too, which stay with what they are about. */
function append(text: string, { start, end, elements, needsComma }: ArraySpan, configuration: LaunchConfiguration): string {
  const last = elements.at(-1);
  const indent = last ? indentAt(text, last.start) : "    ";
  const place = Math.max(start + 1, text.slice(0, end - 1).trimEnd().length);
  const closing = text.slice(place, end - 1).includes("\n") ? "" : "\n  ";
  const added = `\n${indent}${indented(configuration, indent)}${closing}`;
  const between = last && needsComma ? `,${text.slice(last.end, place)}` : text.slice(last?.end ?? place, place);
  return text.slice(0, last?.end ?? place) + between + added + text.slice(place);
}

interface Span {
  readonly start: number;
  /** Behind the last character. */
  readonly end: number;
}

interface ArraySpan extends Span {
  readonly elements: readonly Span[];
  /** No comma stands behind the last element. */
  readonly needsComma: boolean;
}

const tokens = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"/]+/g;

function findConfigurations(text: string): ArraySpan | undefined {
  const words = tokensOf(text);
  let depth = 0;
  for (const [index, { word, start }] of words.entries()) {
    const isKey = depth === 1 && word === '"configurations"' && words[index + 1]?.word === ":" && words[index + 2]?.word === "[";
    if (isKey) return arrayAt(words.slice(index + 2));
    if (word === "{" || word === "[") depth++;
    if (word === "}" || word === "]") depth--;
    if (depth < 0 || (depth === 0 && start === 0 && word !== "{")) return undefined;
  }
  return undefined;
}

interface Token extends Span {
  readonly word: string;
}

const tokensOf = (text: string): Token[] =>
  [...text.matchAll(tokens)].flatMap(({ 0: word, index }) => (word.startsWith("//") || word.startsWith("/*") ? [] : [{ word, start: index, end: index + word.length }]));

/** `words` begin with the bracket. undefined where it is never closed. */
function arrayAt(words: readonly Token[]): ArraySpan | undefined {
  const elements: Span[] = [];
  let [depth, start, needsComma] = [0, 0, false];
  for (const { word, ...span } of words) {
    if (word === "]" && depth === 1) return { start: words[0]?.start ?? 0, end: span.end, elements, needsComma };
    if (word === "{" && depth === 1) start = span.start;
    if (word === "{" || word === "[") depth++;
    if (word === "}" || word === "]") depth--;
    if (word === "}" && depth === 1) elements.push({ start, end: span.end });
    if (depth === 1) needsComma = word !== ",";
  }
  return undefined;
}

/** The value of the element's own "name". */
function nameOf(element: string): string | undefined {
  const words = tokensOf(element);
  let depth = 0;
  for (const [index, { word }] of words.entries()) {
    if (depth === 1 && word === '"name"' && words[index + 1]?.word === ":") return textOf(words[index + 2]?.word ?? "");
    if (word === "{" || word === "[") depth++;
    if (word === "}" || word === "]") depth--;
  }
  return undefined;
}

function textOf(word: string): string | undefined {
  try {
    const value: unknown = JSON.parse(word);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

const replace = (text: string, { start, end }: Span, by: string): string => text.slice(0, start) + by + text.slice(end);

/** What stands before a place in its line, if that is only space. */
const indentAt = (text: string, place: number): string => /(?:^|\n)([ \t]*)$/.exec(text.slice(0, place))?.[1] ?? "    ";

const indented = (value: object, indent: string): string => JSON.stringify(value, null, indent.includes("\t") ? "\t" : 2).replaceAll("\n", `\n${indent}`);
