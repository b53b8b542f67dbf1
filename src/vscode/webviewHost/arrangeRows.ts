import { Slices } from "../../base/slices";
import { sortIndexes } from "../../base/sortIndexes";
import type { SocketColumnId, SortOrder } from "../../protocol/socketTable";
import type { RowSource } from "./rowSource";
import { cellOf } from "./socketCells";
import { sortKeys } from "./sortKeys";

export interface ArrangeRequest {
  /** Words that must all stand somewhere in the row, in any case. */
  readonly find: string;
  readonly columns: readonly SocketColumnId[];
  readonly order?: SortOrder;
}

/** Indexes of the rows that are found, in the order wanted. Gives way to other work; the signal ends it. */
export async function arrangeRows(source: RowSource, { find, columns, order }: ArrangeRequest, signal?: AbortSignal): Promise<Uint32Array<ArrayBuffer>> {
  const slices = new Slices(signal);
  const words = find.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const found = words.length === 0 ? Uint32Array.from({ length: source.length }, (_, index) => index) : await findRows(source, words, columns, slices);
  return order ? sortRows(source, found, order, slices) : found;
}

async function findRows(source: RowSource, words: readonly string[], columns: readonly SocketColumnId[], slices: Slices): Promise<Uint32Array<ArrayBuffer>> {
  const found = new Uint32Array(source.length);
  let count = 0;
  for (let index = 0; index < source.length; index++) {
    const row = source.row(index);
    const text = columns.map((column) => cellOf[column](row) ?? "").join("\n").toLowerCase();
    if (words.every((word) => text.includes(word))) found[count++] = index;
    if (slices.over) await slices.rest();
  }
  return found.slice(0, count);
}

async function sortRows(source: RowSource, rows: Uint32Array<ArrayBuffer>, { column, descending }: SortOrder, slices: Slices): Promise<Uint32Array<ArrayBuffer>> {
  const { compare, known } = await sortKeys(source, column, slices);
  const withValue = rows.filter(known);
  const without = rows.filter((row) => !known(row));
  const sorted = await sortIndexes(withValue, descending ? (a, b) => compare(b, a) : compare, slices);
  const all = new Uint32Array(rows.length);
  all.set(sorted);
  all.set(without, sorted.length);
  return all;
}
