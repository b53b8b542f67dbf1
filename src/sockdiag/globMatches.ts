/** One character of a text, or any number of them. */
type Piece = ((character: string) => boolean) | "star";

/**
 * As fnmatch(3) with FNM_CASEFOLD, by which ss compares names: `*` any characters, `?` one, `[a-f]` and `[!a-f]` one of them or of the others,
 * letters in any case. Backtracks over the last star only, so no pattern is slow.
 */
export function globMatches(pattern: string, text: string): boolean {
  const pieces = piecesOf(pattern.toLowerCase());
  const characters = Array.from(text.toLowerCase());
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < characters.length) {
    const [piece, character = ""] = [pieces[p], characters[t]];
    if (piece === "star") [star, mark, p] = [p, t, p + 1];
    else if (piece?.(character)) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, mark, t] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  return pieces.slice(p).every((piece) => piece === "star");
}

/** A bracket that is not closed is one. */
const piecePattern = /\[([!^]?)(\]?[^\]]*)\]|\\(.)|(.)/gsu;

function piecesOf(pattern: string): Piece[] {
  return [...pattern.matchAll(piecePattern)].map(([, negation, set, escaped, plain = ""]): Piece => {
    if (set !== undefined && set !== "") return oneOf(set, negation !== "");
    if (escaped !== undefined) return (character) => character === escaped;
    if (plain === "*") return "star";
    return plain === "?" ? () => true : (character) => character === plain;
  });
}

function oneOf(set: string, negated: boolean): Piece {
  const ranges = [...set.matchAll(/(.)-(.)|(.)/gsu)].map(([, from, to, single = ""]) => [from ?? single, to ?? single] as const);
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== negated;
}
