import type { Location } from "vscode-languageserver";
import type { AnsweredFrame } from "./frameAnswers";

/** The lines of a frame in the kernel's source, innermost first: more than one where code was inlined or a name stands for several functions. */
export function frameDefinition({ answer }: AnsweredFrame): readonly Location[] {
  const chains = answer ? [answer.chain, ...(answer.chain.length > 0 ? [] : (answer.alternatives ?? []))] : [];
  return chains.flat().flatMap(({ uri, line }) => {
    if (uri === undefined || line === undefined) return [];
    const start = { line: line - 1, character: 0 };
    return [{ uri, range: { start, end: start } }];
  });
}
