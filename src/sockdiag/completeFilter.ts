/**
 * What may stand at a place of a filter: the words of the language that the grammar of parseFilter allows there, and values that the
 * host has. The text before the place decides; what follows it is left alone.
 */
import { tokenizeFilter, type FilterToken } from "./filterTokens";
import { portNames, parsePort } from "./portNames";
import { stateNames } from "./filterStates";

/** Values of a host, most frequent first. */
export interface FilterVocabulary {
  readonly localPorts: readonly KnownValue[];
  readonly remotePorts: readonly KnownValue[];
  readonly localAddresses: readonly KnownValue[];
  readonly remoteAddresses: readonly KnownValue[];
  readonly interfaces: readonly KnownValue[];
  readonly cgroups: readonly KnownValue[];
  readonly marks: readonly KnownValue[];
}

export interface KnownValue {
  readonly text: string;
  /** “nginx[812], 40 sockets” */
  readonly detail: string;
}

export interface FilterCompletion {
  readonly label: string;
  readonly detail: string;
  readonly from: number;
  readonly to: number;
  readonly suffix: string;
}

type Word = readonly [text: string, detail: string, suffix?: string];

const conditions: readonly Word[] = [
  ["sport", "local port", " "], ["dport", "remote port", " "], ["src", "local address, prefix or address:port", " "], ["dst", "remote address, prefix or address:port", " "],
  ["dev", "interface the socket is bound to", " "], ["fwmark", "mark, or mark/mask", " "], ["cgroup", "id:N, the inode of the cgroup's folder", " "],
  ["autobound", "local port chosen by the kernel"], ["not", "the opposite of what follows", " "], ["(", "opens a group"],
];
const statesFirst: readonly Word[] = [["state", "only these states", " "], ["exclude", "all but these states", " "]];
const connectives: readonly Word[] = [["and", "both; binds tighter than or", " "], ["or", "either", " "]];
const comparisons: readonly Word[] = [["=", "equal", " "], ["!=", "not equal", " "], ["<", "less", " "], [">", "greater", " "], ["<=", "at most", " "], [">=", "at least", " "]];
const equalities = comparisons.slice(0, 2);

const stateDetails: Readonly<Record<string, string>> = {
  all: "every state", connected: "all but listening and unconnected", synchronized: "connected, but for syn-sent", bucket: "syn-recv and time-wait: small sockets", big: "all but bucket",
};

/** At most this many at a time. */
const LIMIT = 50;

/** @param cursor offset in `text` */
export function completeFilter(text: string, cursor: number, known: FilterVocabulary): FilterCompletion[] {
  const from = wordStart(text, cursor);
  const before = tokenizeFilter(text.slice(0, from)).filter(({ kind }) => kind !== "end");
  const typed = text.slice(from, cursor).toLowerCase();
  const comma = isStateWord(before.at(-1)) ? typed.lastIndexOf(",") + 1 : 0;
  const start = typed.slice(comma);
  return wordsAfter(before, known)
    .filter(([word]) => begins(word.toLowerCase(), start) && word.toLowerCase() !== start)
    .slice(0, LIMIT)
    .map(([label, detail, suffix = ""]) => ({ label, detail, from: from + comma, to: cursor, suffix }));
}

/** `443` and `:443` both begin `:443`. */
const begins = (word: string, start: string): boolean => word.startsWith(start) || word.replace(/^[:[]/, "").startsWith(start);

/** Of the word that the cursor stands in or behind. */
function wordStart(text: string, cursor: number): number {
  const word = /[^\s!=<>&|()]*$/.exec(text.slice(0, cursor));
  return word ? word.index : cursor;
}

const isStateWord = (token: FilterToken | undefined): boolean => /^(state|exclude|excl)$/i.test(token?.text ?? "");

const comparisonPattern = /^(=|==|!=|<|>|<=|>=|eq|ne|neq|lt|gt|le|leq|ge|geq)$/i;

function wordsAfter(before: readonly FilterToken[], known: FilterVocabulary): readonly Word[] {
  const last = before.at(-1);
  if (!last) return [...statesFirst, ...conditions];
  if (isStateWord(last)) return stateNames.map((name) => [name, stateDetails[name] ?? "state"]);
  if (comparisonPattern.test(last.text)) return valuesOf(before.at(-2), known);
  const asked = conditionOf(last);
  if (asked === "autobound") return afterCondition(before);
  if (asked !== undefined && !isValue(before)) return [...(asked.endsWith("port") ? comparisons : equalities), ...valuesOf(last, known)];
  if (/^(and|or|not|!|&|&&|\||\|\||\()$/i.test(last.text)) return conditions;
  return isStateWord(before.at(-2)) ? [...statesFirst, ...conditions] : afterCondition(before);
}

const conditionOf = ({ text }: FilterToken): string | undefined => (/^(sport|dport|src|dst|dev|fwmark|cgroup|autobound)$/i.test(text) ? text.toLowerCase() : undefined);

/** Whether the last word is the value of a condition, such as an interface that is called “src”. */
function isValue(before: readonly FilterToken[]): boolean {
  const previous = before.at(-2);
  if (!previous) return false;
  return comparisonPattern.test(previous.text) || (conditionOf(previous) !== undefined && conditionOf(previous) !== "autobound" && !isValue(before.slice(0, -1)));
}

function afterCondition(before: readonly FilterToken[]): readonly Word[] {
  const open = before.reduce((depth, { text }) => depth + (text === "(" ? 1 : text === ")" ? -1 : 0), 0);
  return [...connectives, ...(open > 0 ? [[")", "closes the group", " "] as const] : []), ...conditions];
}

function valuesOf(condition: FilterToken | undefined, known: FilterVocabulary): readonly Word[] {
  const values = (list: readonly KnownValue[]): Word[] => list.map(({ text, detail }) => [text, detail, " "]);
  switch (condition && conditionOf(condition)) {
    case "sport": return [...values(known.localPorts), ...namedPorts(known.localPorts)];
    case "dport": return [...values(known.remotePorts), ...namedPorts(known.remotePorts)];
    case "src": return [...values(known.localAddresses), ["unix:", "name of a unix socket, with * and ?"]];
    case "dst": return [...values(known.remoteAddresses), ["unix:", "name of a unix socket, with * and ?"]];
    case "dev": return values(known.interfaces);
    case "cgroup": return values(known.cgroups);
    case "fwmark": return values(known.marks);
    default: return [];
  }
}

/** Well-known names, those that the host does not use last. */
const namedPorts = (used: readonly KnownValue[]): Word[] => {
  const there = new Set(used.map(({ text }) => text));
  return portNames.map((name) => [`:${name}`, `port ${parsePort(name) ?? ""}`, " "] as const).filter(([text]) => !there.has(text));
};
