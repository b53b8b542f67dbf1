import type { SocketRow } from "../../collectors/socketModel";
import type { SocketSurroundings } from "../../collectors/socketTable";
import type { SocketColumns } from "../../sockdiag/socketColumns";

/** Where a table takes its sockets from: a SocketTable, or anything that has rows. */
export interface RowSource {
  readonly length: number;
  row(index: number): SocketRow;
  /** Where these are, most cells are read without making a row. */
  readonly columns?: SocketColumns;
  readonly surroundings?: SocketSurroundings;
}

export function rowsOf(rows: readonly SocketRow[]): RowSource {
  return {
    length: rows.length,
    row: (index) => {
      const row = rows[index];
      if (!row) throw new RangeError(`socket ${index} of ${rows.length}`);
      return row;
    },
  };
}
