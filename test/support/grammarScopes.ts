import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as oniguruma from "vscode-oniguruma";
import { INITIAL, Registry, parseRawGrammar, type IGrammar } from "vscode-textmate";

const root = resolve(__dirname, "../..");

export interface ScopedPiece {
  readonly text: string;
  /** Innermost, without the language at its end; "" where none is given but the document's. */
  readonly scope: string;
  readonly start: number;
  readonly end: number;
}

/** A grammar of ours, as the editor reads it. */
export class GrammarScopes {
  private constructor(
    private readonly grammar: IGrammar,
    private readonly language: string,
  ) {}

  static async load(language: string): Promise<GrammarScopes> {
    await oniguruma.loadWASM(readFileSync(join(root, "node_modules/vscode-oniguruma/release/onig.wasm")).buffer);
    const registry = new Registry({
      onigLib: Promise.resolve({ createOnigScanner: (sources) => new oniguruma.OnigScanner(sources), createOnigString: (text) => new oniguruma.OnigString(text) }),
      loadGrammar: () => {
        const file = join(root, `syntaxes/${language}.tmLanguage.json`);
        return Promise.resolve(parseRawGrammar(readFileSync(file, "utf8"), file));
      },
    });
    const grammar = await registry.loadGrammar(`source.${language}`);
    if (!grammar) throw new Error(`There is no grammar of ${language}`);
    return new GrammarScopes(grammar, language);
  }

  /** The pieces of each line. */
  lines(text: string): ScopedPiece[][] {
    let state = INITIAL;
    return text.split("\n").map((line) => {
      const { tokens, ruleStack } = this.grammar.tokenizeLine(line, state);
      state = ruleStack;
      return tokens.map(({ startIndex: start, endIndex, scopes }) => {
        const end = Math.min(endIndex, line.length);
        return { text: line.slice(start, end), scope: scopes.slice(1).at(-1)?.replace(new RegExp(`\\.${this.language}$`), "") ?? "", start, end };
      });
    });
  }

  /** `piece scope` for what has a scope of its own, in the order of the text. */
  scopes(text: string): string[] {
    return this.lines(text).flat().filter((piece) => piece.text.trim() !== "" && piece.scope !== "" && !piece.scope.startsWith("meta.")).map((piece) => `${piece.text.trim()} ${piece.scope}`);
  }
}
