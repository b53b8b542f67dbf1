import type { FilterError } from "./filterExpression";
import { stateNames } from "./filterStates";
import { portNames } from "./portNames";

const keywords = ["state", "exclude", "src", "dst", "sport", "dport", "dev", "fwmark", "cgroup", "autobound", "and", "or", "not"];

/** What to write instead, in a sentence. undefined where the message says it all. */
export function filterHint({ code, position, length }: FilterError, text: string): string | undefined {
  const wrong = text.slice(position, position + length);
  switch (code) {
    case "filter/state": return didYouMean(wrong.split(",").find((name) => !stateNames.includes(name.toLowerCase())) ?? wrong, stateNames) ?? `States are ${stateNames.join(", ")}; several with commas: state established,syn-sent.`;
    case "filter/port": return didYouMean(wrong.replace(/^.*:/, ""), portNames) ?? "A port is a number up to 65535 or a well-known name: :443, :https.";
    case "filter/address": return "An address with its port is 10.0.0.1:443 or [2001:db8::1]:443, a network 10.0.0.0/8; names are not resolved.";
    case "filter/syntax": return didYouMean(wrong, keywords) ?? (wrong === "" ? "Something must follow here." : undefined);
    default: return undefined;
  }
}

function didYouMean(wrong: string, words: readonly string[]): string | undefined {
  const lower = wrong.toLowerCase();
  const near = words.map((word) => ({ word, distance: editDistance(lower, word) })).sort((a, b) => a.distance - b.distance)[0];
  return near && lower !== "" && near.distance > 0 && near.distance <= Math.max(1, Math.floor(near.word.length / 3)) ? `Did you mean “${near.word}”?` : undefined;
}

/** Damerau's: insertions, deletions, substitutions, neighbours swapped (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return Infinity;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, swapped));
    }
  }
  return at(a.length, b.length);
}
