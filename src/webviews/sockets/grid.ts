import type { SocketColumnId } from "../../protocol/tableColumns";
import type { SortOrder, TableLook } from "../../protocol/tableLook";
import { element } from "../element";
import { GridHead, type HeadEvents } from "./gridHead";
import { GridRow } from "./gridRow";
import type { RowStore } from "./rowStore";
import { Scroller } from "./scroller";

const rowHeight = 22;

export interface GridEvents extends HeadEvents {
  /** Enter, Space or a click on a row. */
  onOpen(position: number): void;
  onCopy(text: string): void;
}

/**
 * A grid of which only the rows in sight exist as elements, and only these are asked for. It follows the ARIA grid pattern: one tab stop,
 * Up and Down move the active row, Right and Left go into its cells and back to the whole row, aria-rowcount and aria-rowindex tell the whole.
 */
export class Grid {
  readonly root = element("div", { class: "grid" });
  order: SortOrder | undefined;
  widths: TableLook["widths"] = {};
  private readonly head: GridHead;
  private readonly layer = element("div", { class: "layer", role: "none" });
  private readonly spacer = element("div", { class: "spacer", role: "none" }, [this.layer]);
  private readonly body = element("div", { class: "body", role: "rowgroup" }, [this.spacer]);
  private readonly table = element("div", {
    role: "grid", class: "table", tabindex: 0, "aria-readonly": "true", "aria-label": "Sockets", "aria-description": "Up and Down move between rows, Right and Left between cells, Enter shows details, Control C copies.",
  });
  private readonly scroller = new Scroller(rowHeight);
  private readonly rows: GridRow[] = [];
  private active = 0;
  /** Of the active row; −1: all of it. */
  private activeCell = -1;
  private drawing = false;

  constructor(
    private readonly store: RowStore,
    private readonly events: GridEvents,
  ) {
    this.head = new GridHead(events);
    this.table.append(this.head.root, this.body);
    this.root.append(this.table);
    this.body.addEventListener("scroll", () => this.onScroll());
    this.body.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.table.addEventListener("keydown", (event) => {
      if (event.target === this.table) this.onKey(event);
    });
    this.body.addEventListener("click", (event) => this.onClick(event));
    new ResizeObserver(() => {
      this.scroller.viewport = this.body.clientHeight;
      this.drawRows();
    }).observe(this.body);
  }

  /** Everything anew, from the top when other sockets are shown. */
  draw(fromTop = false): void {
    const { count } = this.store.arrangement;
    this.scroller.rows = count;
    if (fromTop) [this.scroller.top, this.active] = [0, 0];
    this.active = Math.min(this.active, Math.max(0, count - 1));
    this.table.setAttribute("aria-rowcount", String(count + 1));
    this.table.setAttribute("aria-colcount", String(this.store.columns.length));
    this.activeCell = Math.min(this.activeCell, this.store.columns.length - 1);
    this.drawWidths();
    this.spacer.style.height = `${this.scroller.height}px`;
    this.scroller.viewport = this.body.clientHeight;
    this.body.scrollTop = this.scroller.scrollTop;
    this.head.draw(this.store.columns, this.order);
    // Columns may have come and gone.
    for (const row of this.rows.splice(0)) row.root.remove();
    this.drawRows();
  }

  drawWidths(): void {
    const widths = this.store.columns.map((id) => columnWidth(id, this.widths[id]));
    this.root.style.setProperty("--columns", widths.map(({ track }) => track).join(" "));
    this.root.style.setProperty("--least", `calc(${widths.map(({ least }) => least).join(" + ")})`);
  }

  /** Soon, and once for many wishes. */
  readonly drawSoon = (): void => {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.drawRows();
    });
  };

  focus(): void {
    this.table.focus();
  }

  private drawRows(): void {
    const [first, last] = this.scroller.sight;
    this.store.want(first, last);
    const count = Math.max(0, last - first);
    while (this.rows.length > count) this.rows.pop()?.root.remove();
    while (this.rows.length < count) this.layer.append(this.addRow().root);
    this.rows.forEach((row, offset) => {
      const position = first + offset;
      const active = position === this.active;
      row.show({ position, cells: this.store.cells(position), active, activeCell: active ? this.activeCell : -1, top: (position - this.scroller.top) * rowHeight });
    });
    if (this.active >= first && this.active < last) this.table.setAttribute("aria-activedescendant", this.activeCell < 0 ? `row-${this.active}` : "cell");
    else this.table.removeAttribute("aria-activedescendant");
  }

  private addRow(): GridRow {
    const row = new GridRow(this.store.columns);
    this.rows.push(row);
    return row;
  }

  private onScroll(): void {
    this.head.root.scrollLeft = this.body.scrollLeft;
    // What we have set ourselves comes back rounded and must not move the rows.
    if (Math.abs(this.body.scrollTop - this.scroller.scrollTop) <= 1) return;
    this.scroller.scrollTop = this.body.scrollTop;
    this.drawSoon();
  }

  /** Where the scroll bar is too coarse the wheel moves rows; elsewhere the browser does it better. */
  private onWheel(event: WheelEvent): void {
    if (!this.scroller.compressed || event.ctrlKey || event.deltaY === 0) return;
    event.preventDefault();
    const rows = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? event.deltaY * this.pageRows : event.deltaY / rowHeight;
    this.scroller.top += rows;
    this.body.scrollTop = this.scroller.scrollTop;
    this.drawSoon();
  }

  private get pageRows(): number {
    return Math.max(1, Math.floor(this.body.clientHeight / rowHeight) - 1);
  }

  private onKey(event: KeyboardEvent): void {
    const end = this.store.arrangement.count - 1;
    const moves: Readonly<Record<string, number>> = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + this.pageRows, PageUp: this.active - this.pageRows, Home: 0, End: end };
    const target = moves[event.key];
    const cells = this.store.cells(this.active);
    if (target !== undefined) this.moveTo(Math.min(Math.max(0, target), end));
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") this.moveInRow(event.key === "ArrowRight" ? 1 : -1);
    else if (end >= 0 && (event.key === "Enter" || event.key === " ")) this.events.onOpen(this.active);
    else if (cells && event.key.toLowerCase() === "c" && (event.ctrlKey || event.metaKey)) this.events.onCopy(cells.filter((_, at) => this.activeCell < 0 || at === this.activeCell).map((cell) => cell ?? "?").join("\t"));
    else return;
    event.preventDefault();
  }

  private onClick(event: MouseEvent): void {
    const position = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-position]")?.dataset["position"] : undefined;
    if (position === undefined) return;
    this.activeCell = -1;
    this.moveTo(Number(position));
    this.events.onOpen(this.active);
  }

  private moveInRow(by: number): void {
    this.activeCell = Math.max(-1, Math.min(this.activeCell + by, this.store.columns.length - 1));
    this.moveTo(this.active);
    const cell = this.activeCell < 0 ? undefined : this.layer.querySelector<HTMLElement>("#cell");
    if (cell) this.body.scrollLeft = Math.max(cell.offsetLeft + cell.offsetWidth - this.body.clientWidth, Math.min(this.body.scrollLeft, cell.offsetLeft));
    else this.body.scrollLeft = 0;
  }

  private moveTo(position: number): void {
    this.active = Math.max(0, position);
    this.scroller.reveal(this.active);
    this.body.scrollTop = this.scroller.scrollTop;
    this.drawRows();
  }
}

/** A track of the CSS grid, and the least room it takes. */
function columnWidth(id: SocketColumnId, chosen: number | undefined): { readonly track: string; readonly least: string } {
  if (chosen !== undefined) return { track: `${chosen}px`, least: `${chosen}px` };
  const [rem, share] = roomy.get(id) ?? [5.5, 1];
  return { track: `minmax(${rem}rem, ${share}fr)`, least: `${rem}rem` };
}

/** Columns with long texts: least room in rem, share of what is left. */
const roomy: ReadonlyMap<SocketColumnId, readonly [rem: number, share: number]> = new Map([
  ["local", [12, 2]], ["remote", [12, 2]], ["peer", [11, 2]], ["process", [9, 1.5]], ["state", [7, 1]], ["retransmits", [6.5, 1]], ["cgroup", [9, 1.5]], ["rings", [9, 1.5]], ["options", [9, 1.5]], ["timer", [8, 1]],
]);
