import type { Arrangement, SocketCells, SocketWindow } from "../../protocol/socketTable";
import type { SocketColumnId } from "../../protocol/tableColumns";

const PAGE = 100;
/** About 2 MB of cells. */
const KEPT_PAGES = 200;
/** Requests under way at a time: what is scrolled past is not asked for. */
const MOST_REQUESTS = 2;

export type FetchRows = (version: number, from: number, count: number, columns: readonly SocketColumnId[]) => Promise<SocketWindow>;

/** The rows that the page has seen of an arrangement. Asks for what is in sight, the latest wish first. */
export class RowStore {
  private shown: Arrangement = { version: 0, count: 0 };
  private asked: readonly SocketColumnId[] = [];
  private pages = new Map<number, readonly SocketCells[]>();
  private requested = new Set<number>();
  private wanted: readonly number[] = [];

  /** @param onRows called when rows have come that were wanted */
  constructor(
    private readonly fetch: FetchRows,
    private readonly onRows: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  get arrangement(): Arrangement {
    return this.shown;
  }

  get columns(): readonly SocketColumnId[] {
    return this.asked;
  }

  /** Forgets all rows. */
  reset(arrangement: Arrangement, columns: readonly SocketColumnId[] = this.asked): void {
    this.shown = arrangement;
    this.asked = columns;
    this.pages = new Map();
    this.requested = new Set();
    this.wanted = [];
  }

  /** Cells of the columns, undefined while they are on their way. */
  cells(position: number): SocketCells | undefined {
    return this.pages.get(Math.floor(position / PAGE))?.[position % PAGE];
  }

  /** Positions in sight; those next to them are fetched when these are there. */
  want(from: number, to: number): void {
    const [first, last] = [Math.floor(from / PAGE), Math.floor(Math.max(from, to - 1) / PAGE)];
    const inSight = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    this.wanted = [...inSight, last + 1, first - 1].filter((page) => page >= 0 && page * PAGE < this.shown.count);
    this.ask();
  }

  private ask(): void {
    for (const page of this.wanted) {
      if (this.requested.size >= MOST_REQUESTS) return;
      if (!this.pages.has(page) && !this.requested.has(page)) void this.request(page);
    }
  }

  private async request(page: number): Promise<void> {
    const { requested, pages, shown } = this;
    requested.add(page);
    try {
      const { version, rows } = await this.fetch(shown.version, page * PAGE, PAGE, this.asked);
      // After a reset these are another arrangement's.
      if (pages !== this.pages || version !== this.shown.version) return;
      pages.set(page, rows);
      this.forgetOldest();
      if (this.wanted.includes(page)) this.onRows();
    } catch (error) {
      this.onFailure(error);
      return;
    } finally {
      requested.delete(page);
    }
    this.ask();
  }

  private forgetOldest(): void {
    for (const page of this.pages.keys()) {
      if (this.pages.size <= KEPT_PAGES) return;
      if (!this.wanted.includes(page)) this.pages.delete(page);
    }
  }
}
