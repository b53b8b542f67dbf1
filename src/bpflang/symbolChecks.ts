import type { Analysis } from "./analysis";
import type { Occurrence } from "./collectSymbols";
import { nearWords, replaceBy, type Finding, type Fix } from "./finding";
import { nearestNames } from "./fuzzyList";
import { contains, nodesAt } from "./walk";

/** Maps that are read and never written, variables that are read where there are none, and declarations of what is there already. */
export function checkSymbols(analysis: Analysis): Finding[] {
  const { program, symbols } = analysis;
  // What a file that is taken in does with maps is not seen here, and a macro may write what it is given, or what its caller has.
  if (program.items.some(({ kind }) => kind === "import" || kind === "macro")) return [];
  return symbols.occurrences.flatMap((occurrence) => {
    if (occurrence.kind === "map") return checkMap(analysis, occurrence);
    if (occurrence.hides) return [hidden(occurrence, occurrence.hides)];
    return occurrence.isUnknown ? [unknownVariable(analysis, occurrence)] : [];
  });
}

function checkMap({ symbols }: Analysis, occurrence: Occurrence): Finding[] {
  if (symbols.map(occurrence.text).some(({ writes }) => writes)) return [];
  const near = nearestNames(occurrence.text, symbols.mapNames().filter((name) => symbols.map(name).some(({ writes }) => writes)));
  return [{ ...place(occurrence), code: "undefined-map", severity: "error", message: `Nothing is ever put into ${occurrence.text}${nearWords(near)}`, fixes: near.map((name) => replaceBy(occurrence, name)) }];
}

const place = ({ start, end }: Occurrence): { readonly start: number; readonly end: number } => ({ start, end });

const hidden = (occurrence: Occurrence, { value, declares }: Occurrence): Finding => ({
  ...place(occurrence), code: "hidden-variable", severity: "error", fixes: [],
  message: `${occurrence.text} lives here already: it was ${value?.kind === "for" ? "named by the loop around" : declares ? "declared" : "assigned"} before, and bpftrace lets no declaration hide another`,
});

function unknownVariable(analysis: Analysis, occurrence: Occurrence): Finding {
  const { text, item, start, variable } = occurrence;
  const { symbols } = analysis;
  const finding = (message: string, fixes: readonly Fix[]): Finding => ({ ...place(occurrence), code: "undefined-variable", severity: "error", message, fixes });
  if (variable?.occurrences.some(({ isUnknown }) => !isUnknown)) return finding(`${text} has no value yet: it is first assigned further on`, []);
  const elsewhere = symbols.occurrences.find((other) => other.kind === "variable" && other.item === item && other.text === text && other.writes && other.variable !== variable);
  if (elsewhere) return finding(`${text} lives only in the block that assigns it; declare it before that block to have it here`, declaration(analysis, elsewhere, occurrence));
  const living = symbols.variablesAt(item, start).filter(({ occurrences }) => occurrences.some(({ isUnknown }) => !isUnknown));
  const near = nearestNames(text, living.map(({ name }) => name));
  return finding(`${text} has no value here: nothing is assigned to it in this probe${nearWords(near)}`, near.map((name) => replaceBy(occurrence, name)));
}

/** `let $x;` before the first statement that names the variable, in the innermost block around both places. A loop's own variable cannot be had outside. */
function declaration({ program }: Analysis, written: Occurrence, read: Occurrence): readonly Fix[] {
  if (written.value?.kind === "for" || written.declares) return [];
  const first = Math.min(written.start, read.start);
  const block = nodesAt(program.items, first).findLast((node) => node.kind === "block" && contains(node, written.start) && contains(node, read.start));
  const statement = block?.kind === "block" ? block.statements.find((candidate) => contains(candidate, first)) : undefined;
  if (!statement) return [];
  const indentation = /(?:^|\n)([ \t]*)$/.exec(program.text.slice(Math.max(0, statement.start - 200), statement.start))?.[1];
  return [{ title: `Declare ${written.text} before`, changes: [{ start: statement.start, end: statement.start, text: `let ${written.text};${indentation === undefined ? " " : `\n${indentation}`}` }], preferred: true }];
}
