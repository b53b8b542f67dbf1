import type { SocketRow } from "../../collectors/socketModel";

/** Where a table takes its sockets from. */
export interface RowSource {
  readonly length: number;
  row(index: number): SocketRow;
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
