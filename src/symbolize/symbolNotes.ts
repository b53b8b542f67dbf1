import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildId } from "../base/brands";
import { stemOf, type TextSymbol, type TextSymbols } from "../probes/kernelSymbolsProbe";

/**
 * What hosts have told of a build's symbols, kept on this machine: where they are from `_stext` is the same at every boot. A line a name,
 * `name span offset:next …` (with `:name` behind it, for a clone), only ever added, by one call each: two windows may do so.
 */
export class SymbolNotes {
  private readonly file: string;
  private known: Map<string, TextSymbols> | undefined;

  constructor(
    private readonly folder: string,
    buildId: BuildId,
  ) {
    this.file = join(folder, buildId);
  }

  /** The symbols of these names from the notes, and the rest from `ask`, which is noted. */
  async find(names: readonly string[], ask: (names: readonly string[]) => Promise<TextSymbols | undefined>): Promise<TextSymbols | undefined> {
    const known = (this.known ??= this.read());
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length > 0 || names.length === 0) {
      const found = await ask(unknown);
      if (!found || names.length === 0) return found;
      for (const name of unknown) known.set(name, { span: found.span, symbols: found.symbols.filter((symbol) => stemOf(symbol.name) === stemOf(name)) });
      this.write(unknown.map((name) => lineOf(name, known.get(name) ?? found)));
    }
    const answers = names.flatMap((name) => known.get(name) ?? []);
    const [first] = answers;
    // Clones belong to the answer of each of their kind.
    const symbols = new Map(answers.flatMap((answer) => answer.symbols.map((symbol) => [`${symbol.name} ${symbol.offset}`, symbol])));
    return first && { span: first.span, symbols: [...symbols.values()] };
  }

  private read(): Map<string, TextSymbols> {
    try {
      return new Map(readFileSync(this.file, "latin1").split("\n").flatMap(parseLine));
    } catch {
      return new Map();
    }
  }

  private write(lines: readonly string[]): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const large = (statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) > largest;
      (large ? writeFileSync : appendFileSync)(this.file, lines.join(""), { mode: 0o600 });
    } catch {
      // Then the host is asked again next time.
    }
  }
}

/** Then it begins anew. */
const largest = 4 * 2 ** 20;

const lineOf = (name: string, { span, symbols }: TextSymbols): string => `${[name, span, ...symbols.map((symbol) => `${symbol.offset}:${symbol.next ?? ""}${symbol.name === name ? "" : `:${symbol.name}`}`)].join(" ")}\n`;

function parseLine(line: string): readonly [string, TextSymbols][] {
  const [name = "", span = "", ...places] = line.split(" ");
  const symbols = places.map((place): TextSymbol | undefined => {
    const [, offset, next, clone] = /^(-?\d{1,15}):(-?\d{1,15})?(?::([^:]+))?$/.exec(place) ?? [];
    return offset === undefined ? undefined : { name: clone ?? name, offset: Number(offset), next: next === undefined ? undefined : Number(next) };
  });
  return name !== "" && /^\d{1,15}$/.test(span) && symbols.every((symbol) => symbol !== undefined) ? [[name, { span: Number(span), symbols }]] : [];
}
