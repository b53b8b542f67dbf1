import { Slices } from "../../base/slices";
import { allIndexes, sortIndexes } from "../../base/sortIndexes";
import { tableColumns, type SocketColumnId } from "../../protocol/tableColumns";
import type { SortOrder } from "../../protocol/tableLook";
import { addressFamily } from "../../sockdiag/protocols";
import { cellReader, type CellReader } from "./cellReader";
import type { RowSource } from "./rowSource";
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
  const found = words.length === 0 ? allIndexes(source.length) : await findRows(source, words, columns, slices);
  return order ? sortRows(source, found, order, slices) : found;
}

async function findRows(source: RowSource, words: readonly string[], columns: readonly SocketColumnId[], slices: Slices): Promise<Uint32Array<ArrayBuffer>> {
  const found = new Uint32Array(source.length);
  // The word that few columns can hold decides most rows, and costs least.
  const readers = words.map((word) => ({ word, reads: readersFor(source, word, columns) })).sort((a, b) => a.reads.length - b.reads.length);
  const holds = ({ word, reads }: (typeof readers)[number], row: number): boolean => reads.some((read) => String(read(row) ?? "").toLowerCase().includes(word));
  let count = 0;
  for (let row = 0; row < source.length; row++) {
    if (readers.every((one) => holds(one, row))) found[count++] = row;
    if (slices.over) await slices.rest();
  }
  return found.slice(0, count);
}

/** Of the columns whose texts can hold a word at all: letters are in no number, and but for a to f in no address. */
function readersFor(source: RowSource, word: string, columns: readonly SocketColumnId[]): readonly CellReader[] {
  const onlyInet = source.columns !== undefined && source.columns.family.subarray(0, source.length).every((family) => family === addressFamily.ipv4 || family === addressFamily.ipv6);
  const canHold = (column: SocketColumnId): boolean => {
    if (numeric.has(column)) return /^[-+.e\d]+$/.test(word);
    return !(onlyInet && (column === "local" || column === "remote")) || /^[\da-f.:[\]]+$/.test(word);
  };
  return columns.filter(canHold).map((column) => cellReader(source, column));
}

const numeric: ReadonlySet<SocketColumnId> = new Set(tableColumns.filter((column) => column.numeric).map(({ id }) => id));

async function sortRows(source: RowSource, rows: Uint32Array<ArrayBuffer>, { column, descending }: SortOrder, slices: Slices): Promise<Uint32Array<ArrayBuffer>> {
  const { compare, known } = await sortKeys(source, column, slices);
  // Known ones to the front, the others behind them, each in their order.
  const all = new Uint32Array(rows.length);
  let [front, back] = [0, rows.length];
  for (const row of rows) {
    if (known(row)) all[front++] = row;
    else all[--back] = row;
    if ((front & STEP_MASK) === 0 && slices.over) await slices.rest();
  }
  all.subarray(front).reverse();
  const sorted = await sortIndexes(all.subarray(0, front), descending ? (a, b) => compare(b, a) : compare, slices);
  if (sorted.buffer !== all.buffer) all.set(sorted);
  return all;
}

/** The clock is looked at now and then only. */
const STEP_MASK = 1023;
