import type { Analysis } from "./analysis";
import { nearWords, replaceBy, type Finding } from "./finding";
import { nearestNames } from "./fuzzyList";
import { languageName, languageNames, languageTypes } from "./languageNames";
import { versionWords } from "./probeChecks";
import { iterators } from "./providers";
import type { Name, Node } from "./syntax";
import { isAfter, lacks, type TargetKnowledge } from "./targetKnowledge";
import { walk } from "./walk";

/** Words that mean something only in the brackets of these. */
const modes: Readonly<Record<string, readonly string[]>> = {
  kstack: ["bpftrace", "perf", "raw", "build_id"], ustack: ["bpftrace", "perf", "raw", "build_id"], dw_ustack: ["bpftrace", "perf", "raw", "build_id"],
  nsecs: ["monotonic", "boot", "tai", "sw_tai"], pid: ["curr_ns", "init"], tid: ["curr_ns", "init"],
};

export const modesOf = (call: string): readonly string[] => modes[call] ?? [];

/** Built-in values and functions: unknown ones, and those of another version. */
export function checkNames(analysis: Analysis): Finding[] {
  const { program, knowledge } = analysis;
  const own = ownNames(analysis);
  const isOpen = program.items.some((item) => item.kind === "preprocessor" || item.kind === "import");
  const findings: Finding[] = [];
  for (const item of program.items) {
    walk(item, (node, parents) => {
      if (node.kind === "call" && !own.has(node.name.text)) findings.push(...checkUse(node.name, "call", knowledge, isOpen));
      if (node.kind === "query") findings.push(...checkUse(node.name, "call", knowledge, isOpen));
      if (node.kind === "identifier" && !own.has(node.text) && !isModeOrType(parents.at(-1))) findings.push(...checkUse(node, "value", knowledge, isOpen || !isKnownValue(node.text, knowledge)));
    });
  }
  return findings;
}

function isModeOrType(parent: Node | undefined): boolean {
  return parent?.kind === "query" || (parent?.kind === "call" && modesOf(parent.name.text).length > 0) || parent?.kind === "record";
}

/** An identifier may be an enumerator of the kernel; without its types nothing can be said about it. */
const isKnownValue = (name: string, { types }: TargetKnowledge): boolean => types !== undefined && !enumerators(types).has(name);

const enumeratorNames = new WeakMap<NonNullable<TargetKnowledge["types"]>, ReadonlySet<string>>();

/** The names of all values of all enums. */
export function enumerators(types: NonNullable<TargetKnowledge["types"]>): ReadonlySet<string> {
  const existing = enumeratorNames.get(types);
  if (existing) return existing;
  const names = new Set<string>();
  for (const btf of [types.kernel, ...types.modules.values()]) {
    for (const name of btf.valueNames()) names.add(name);
  }
  enumeratorNames.set(types, names);
  return names;
}

function ownNames({ program }: Analysis): ReadonlySet<string> {
  const names = new Set<string>(["_", "iter", ...iterators]);
  for (const item of program.items) {
    if (item.kind === "macro" || item.kind === "subprogram") names.add(item.name.text);
    if (item.kind === "macro") item.parameters.forEach(({ text }) => names.add(text));
    if (item.kind === "definition" && item.keyword === "enum") item.fields.forEach(({ name }) => names.add(name.text));
  }
  return names;
}

/** Later versions than the last that was read may have any name. */
const isBeyond = (knowledge: TargetKnowledge): boolean => isAfter(knowledge, "0.27.0");

function checkUse(name: Name, use: "call" | "value", knowledge: TargetKnowledge, isOpen: boolean): Finding[] {
  const { start, end, text } = name;
  const known = languageName(text);
  if (!known) {
    if (isOpen || text === "" || text.startsWith("__") || isBeyond(knowledge) || languageTypes.some(([type]) => type === text)) return [];
    const near = nearestNames(text, languageNames.filter((entry) => entry.use === "both" || entry.use === use).filter((entry) => !lacks(knowledge, entry.since)).map((entry) => entry.name));
    const what = use === "call" ? "function" : "value";
    return [{ start, end, code: "unknown-name", severity: "error", message: `bpftrace has no ${what} “${text}”${nearWords(near)}`, fixes: near.map((candidate) => replaceBy(name, candidate)) }];
  }
  if (lacks(knowledge, known.since)) {
    return [{ start, end, code: "version", severity: "error", message: `${text} came with bpftrace ${known.since.replace(/\.\d+$/, "")}; ${knowledge.name} has ${versionWords(knowledge)}.`, fixes: [] }];
  }
  if (known.until !== undefined && isAfter(knowledge, known.until)) {
    return [{ start, end, code: "version", severity: "error", message: `${text} was removed in bpftrace ${known.until}; ${knowledge.name} has ${versionWords(knowledge)}.`, fixes: [] }];
  }
  return [];
}
