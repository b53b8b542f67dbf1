import { socketColumns, type SocketCells, type SocketColumnId, type SocketTableData } from "../../protocol/socketTable";

export interface SortOrder {
  readonly column: SocketColumnId;
  readonly descending: boolean;
}

const columnIndex = new Map(socketColumns.map(({ id }, index) => [id, index]));
const collator = new Intl.Collator(undefined, { numeric: true });

/** The rows that are shown, in their order, as indexes into the data. Pure: the page only draws it. */
export class TableModel {
  private data: SocketTableData | undefined;
  private text = "";
  private sorting: SortOrder | undefined;
  private visible: readonly number[] = [];

  get rows(): readonly number[] {
    return this.visible;
  }

  get total(): number {
    return this.data?.rows.length ?? 0;
  }

  get order(): SortOrder | undefined {
    return this.sorting;
  }

  cells(row: number): SocketCells {
    return this.data?.rows[row] ?? [];
  }

  setData(data: SocketTableData): void {
    this.data = data;
    this.update();
  }

  /** Words that must all stand somewhere in the row, in any case. */
  setText(text: string): void {
    this.text = text;
    this.update();
  }

  /** Ascending, then descending, then the host's own order. */
  cycleSort(column: SocketColumnId): void {
    if (this.sorting?.column !== column) this.sorting = { column, descending: false };
    else this.sorting = this.sorting.descending ? undefined : { column, descending: true };
    this.update();
  }

  private update(): void {
    const rows = this.data?.rows ?? [];
    const words = this.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const matching = rows.flatMap((cells, index) => (matches(cells, words) ? [index] : []));
    const { sorting } = this;
    const at = sorting ? columnIndex.get(sorting.column) : undefined;
    if (sorting && at !== undefined) matching.sort((a, b) => compareCells(rows[a]?.[at] ?? null, rows[b]?.[at] ?? null, sorting.descending) || a - b);
    this.visible = matching;
  }
}

function matches(cells: SocketCells, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = cells.join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

type Cell = SocketCells[number];

/** Unknown cells come last in either direction: they are no small numbers. */
export function compareCells(a: Cell, b: Cell, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const result = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
  return descending ? -result : result;
}
