/**
 * Names that a person finds by some of their letters in order: `tcprst` finds `tcp_send_active_reset`. Tens of thousands of names are asked at every
 * keystroke, so each name's letters are kept as bits of one number: most names fall out by one comparison.
 */
export class FuzzyList {
  private readonly masks: Uint32Array;
  /** A program with unknown names is looked at again with each pause of the typing. */
  private readonly near = new Map<string, readonly string[]>();
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
  nearest(name: string): readonly string[] {
    const known = this.near.get(name);
    if (known) return known;
    const [mask, most] = [maskOf(name.toLowerCase()), slips(name)];
    // Each letter that only one of the two has is a slip at least.
    const found = nearestNames(name, this.names.filter((_, index) => bitsOf(mask & ~(this.masks[index] ?? 0)) <= most && bitsOf((this.masks[index] ?? 0) & ~mask) <= most));
    if (this.near.size >= mostKept) this.near.clear();
    this.near.set(name, found);
    return found;
  }
}

const mostKept = 500;

/** How many slips a name may be away; beyond that it is another name. */
const slips = (name: string): number => Math.min(4, Math.max(1, Math.floor(name.length / 3)));

function bitsOf(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
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
  const most = slips(name);
  const found: { readonly name: string; readonly distance: number }[] = [];
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > most) continue;
    const distance = editDistance(name, candidate, most);
    if (distance <= most) found.push({ name: candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance);
  return [...new Set(found.map((item) => item.name))].slice(0, limit);
}

/** Rows of the table, kept between calls: this one, the one before and the one before that. */
let rows = [new Uint16Array(64), new Uint16Array(64), new Uint16Array(64)] as const;

/** Letters put in, left out, exchanged for others or for their neighbours (optimal string alignment); more than `most` is not counted to the end. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  if (b.length + 2 > rows[0].length) rows = [new Uint16Array(2 * b.length), new Uint16Array(2 * b.length), new Uint16Array(2 * b.length)];
  let [current, previous, before] = rows;
  for (let j = 0; j <= b.length; j++) previous[j] = j;
  for (let i = 1; i <= a.length; i++) {
    if (fillRow({ current, previous, before }, { a, b, i, most }) > most) return most + 1;
    [current, previous, before] = [before, current, previous];
  }
  return Math.min(previous[b.length] ?? 0, most + 1);
}

interface Rows {
  readonly current: Uint16Array;
  readonly previous: Uint16Array;
  readonly before: Uint16Array;
}

/** Only cells that may still be within `most` of the diagonal are worked out. @returns the smallest */
function fillRow({ current, previous, before }: Rows, { a, b, i, most }: { readonly a: string; readonly b: string; readonly i: number; readonly most: number }): number {
  const [from, to] = [Math.max(1, i - most), Math.min(b.length, i + most)];
  const letter = a.charCodeAt(i - 1);
  current[from - 1] = from === 1 ? i : most + 1;
  if (to < b.length) current[to + 1] = most + 1;
  let smallest = current[from - 1] ?? 0;
  for (let j = from; j <= to; j++) {
    const isSame = letter === b.charCodeAt(j - 1);
    let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (isSame ? 0 : 1));
    if (!isSame && j > 1 && i > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
    current[j] = cost;
    if (cost < smallest) smallest = cost;
  }
  return smallest;
}
