/**
 * Names that a person finds by some of their letters in order: `tcprst` finds `tcp_send_active_reset`. Tens of thousands of names are asked at every
 * keystroke, so each name's letters are kept as bits of one number: most names fall out by one comparison.
 */
export class FuzzyList {
  private readonly masks: Uint32Array;
  private readonly lower: readonly string[];

  constructor(readonly names: readonly string[]) {
    this.lower = names.map((name) => (/[A-Z]/.test(name) ? name.toLowerCase() : name));
    this.masks = Uint32Array.from(this.lower, maskOf);
  }

  /** The best matches first; equal ones by length, then in the order of the list. Of an empty query, the first names. */
  search(query: string, limit: number): readonly string[] {
    const wanted = query.toLowerCase();
    if (wanted === "") return this.names.slice(0, limit);
    const mask = maskOf(wanted);
    const best = new BestOf(limit);
    for (let index = 0; index < this.masks.length; index++) {
      if (((this.masks[index] ?? 0) & mask) === mask) best.offer(index, scoreOf(this.lower[index] ?? "", wanted));
    }
    return best.indexes.map((index) => this.names[index] ?? "");
  }

  /** Names that a slip of the finger or memory may have meant, the nearest first. */
  nearest(name: string, limit = 3): readonly string[] {
    return nearestNames(name, this.names, limit);
  }
}

/** The best of many: a single letter is in most names, and sorting them all would take longer than finding them. */
class BestOf {
  /** The best first; of equal ones the first offered. */
  readonly indexes: number[] = [];
  private readonly scores: number[] = [];

  constructor(private readonly limit: number) {}

  offer(index: number, score: number): void {
    const { indexes, scores, limit } = this;
    if (score <= 0 || (indexes.length === limit && score <= (scores[limit - 1] ?? 0))) return;
    let [low, high] = [0, scores.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((scores[middle] ?? 0) >= score) low = middle + 1;
      else high = middle;
    }
    scores.splice(low, 0, score);
    indexes.splice(low, 0, index);
    if (indexes.length > limit) [scores.length, indexes.length] = [limit, limit];
  }
}

function maskOf(text: string): number {
  let mask = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 97 && code <= 122) mask |= 1 << (code - 97);
    else if (code >= 48 && code <= 57) mask |= 1 << (26 + ((code - 48) >> 1));
  }
  return mask >>> 0;
}

function isWordStart(name: string, at: number): boolean {
  if (at === 0) return true;
  const before = name.charCodeAt(at - 1);
  const isLetter = (before >= 97 && before <= 122) || (before >= 65 && before <= 90);
  return !isLetter && !(before >= 48 && before <= 57);
}

/** 0 when the letters do not occur in this order. Whole, at the start, in one piece and at starts of words count most; long names a little less. */
function scoreOf(name: string, query: string): number {
  const at = name.indexOf(query);
  const length = name.length / 10_000;
  if (at === 0) return (name.length === query.length ? 5 : 4) - length;
  if (at > 0) return (isWordStart(name, at) ? 3 : 2) - length;
  let starts = 0;
  let from = 0;
  for (const letter of query) {
    const found = name.indexOf(letter, from);
    if (found < 0) return 0;
    if (isWordStart(name, found)) starts++;
    from = found + 1;
  }
  return 0.5 + starts / query.length - length;
}

export function nearestNames(name: string, names: Iterable<string>, limit = 3): readonly string[] {
  if (name.length < 3) return [];
  const most = Math.max(1, Math.floor(name.length / 3));
  const found: { readonly name: string; readonly distance: number }[] = [];
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const distance = editDistance(name, candidate, most);
    if (distance <= most) found.push({ name: candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance);
  return [...new Set(found.map((item) => item.name))].slice(0, limit);
}

/** Letters put in, left out, exchanged for others or for their neighbours (optimal string alignment); more than `most` is not counted to the end. */
export function editDistance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (!isSame && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? Infinity) + 1);
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > most) return most + 1;
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
