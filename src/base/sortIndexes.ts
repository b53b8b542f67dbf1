import type { Slices } from "./slices";

export type CompareIndexes = (a: number, b: number) => number;

/** 0, 1, 2 … A loop, since `from` takes a hundred times as long for a million. */
export function allIndexes(count: number): Uint32Array<ArrayBuffer> {
  const indexes = new Uint32Array(count);
  for (let index = 0; index < count; index++) indexes[index] = index;
  return indexes;
}

/** Sorted by the engine in one go, which takes a few milliseconds. */
const RUN = 4096;
/** Steps of a merge between two looks at the clock. */
const STEPS = 2048;

/** A stable merge sort that gives way to other work. The result may be the array given. */
export async function sortIndexes(indexes: Uint32Array<ArrayBuffer>, compare: CompareIndexes, slices: Slices): Promise<Uint32Array<ArrayBuffer>> {
  for (let from = 0; from < indexes.length; from += RUN) {
    indexes.subarray(from, from + RUN).sort(compare);
    if (slices.over) await slices.rest();
  }
  let [source, target] = [indexes, new Uint32Array(indexes.length)];
  for (let width = RUN; width < indexes.length; width *= 2) {
    for (let from = 0; from < indexes.length; from += 2 * width) await mergeRuns(source, target, from, width, compare, slices);
    [source, target] = [target, source];
  }
  return source;
}

/** Two neighbouring runs of `source` into the same place of `target`. */
async function mergeRuns(source: Uint32Array, target: Uint32Array, from: number, width: number, compare: CompareIndexes, slices: Slices): Promise<void> {
  const middle = Math.min(from + width, source.length);
  const end = Math.min(from + 2 * width, source.length);
  let [left, right] = [from, middle];
  for (let at = from; at < end; ) {
    const stop = Math.min(end, at + STEPS);
    for (; at < stop; at++) {
      const takeLeft = left < middle && (right >= end || compare(source[left] ?? 0, source[right] ?? 0) <= 0);
      target[at] = (takeLeft ? source[left++] : source[right++]) ?? 0;
    }
    if (slices.over) await slices.rest();
  }
}
