import type { Analysis } from "./analysis";
import { nearWords, replaceBy, type Finding } from "./finding";
import { nearestNames } from "./fuzzyList";
import type { Occurrence } from "./symbols";

/** Maps and variables that are read and never written. */
export function checkSymbols({ program, symbols }: Analysis): Finding[] {
  // What a file that is taken in does with maps is not seen here, and a macro's variables may be its caller's.
  if (program.items.some((item) => item.kind === "import")) return [];
  const isFilledByCall = (occurrence: Occurrence): boolean => occurrence.item.kind === "macro";
  return symbols.occurrences.flatMap((occurrence) => {
    if (occurrence.writes || isFilledByCall(occurrence)) return [];
    const all = symbols.same(occurrence);
    if (all.some(({ writes }) => writes) || all.some(isFilledByCall) || isHandedToMacro(program, occurrence)) return [];
    const { kind, text, item, start, end } = occurrence;
    const others = (kind === "map" ? symbols.mapNames() : symbols.variableNames(item)).filter((name) => name !== text && symbolIsWritten(symbols, occurrence, name));
    const near = nearestNames(text, others);
    const message = kind === "map" ? `Nothing is ever put into ${text}` : `${text} has no value here: nothing is assigned to it in this probe`;
    return [{ start, end, code: kind === "map" ? "undefined-map" : "undefined-variable", severity: "error" as const, message: `${message}${nearWords(near)}`, fixes: near.map((name) => replaceBy(occurrence, name)) }];
  });
}

function symbolIsWritten(symbols: Analysis["symbols"], { kind, item }: Occurrence, name: string): boolean {
  return (kind === "map" ? symbols.map(name) : symbols.variable(item, name)).some(({ writes }) => writes);
}

/** Macros of the program, and `find`, which is one, may write what they are given. */
function isHandedToMacro(program: Analysis["program"], { text }: Occurrence): boolean {
  return text !== "" && (program.items.some((item) => item.kind === "macro"));
}
