import { socketColumns, type SocketColumnId, type SortOrder } from "../../protocol/socketTable";
import { element } from "../element";
import type { RowStore } from "./rowStore";
import { Scroller } from "./scroller";

const rowHeight = 22;

export interface GridEvents {
  /** Enter, Space or a click on a row. */
  onOpen(position: number): void;
  onSort(column: SocketColumnId): void;
  onCopy(text: string): void;
}

/**
 * A grid of which only the rows in sight exist as elements, and only these are asked for. It follows the ARIA grid pattern: one tab stop,
 * arrows move the active row, aria-rowcount and aria-rowindex tell the whole. The headers are buttons that sort.
 */
export class Grid {
  readonly root = element("div", { class: "grid" });
  order: SortOrder | undefined;
  private readonly head = element("div", { class: "head", role: "row", "aria-rowindex": 1 });
  private readonly layer = element("div", { class: "layer", role: "none" });
  private readonly spacer = element("div", { class: "spacer", role: "none" }, [this.layer]);
  private readonly body = element("div", { class: "body", role: "rowgroup" }, [this.spacer]);
  private readonly table = element("div", {
    role: "grid", class: "table", tabindex: 0, "aria-label": "Sockets. Arrow keys move, Enter shows details, Control C copies.",
  }, [this.head, this.body]);
  private readonly scroller = new Scroller(rowHeight);
  private active = 0;
  private drawing = false;

  constructor(
    private readonly store: RowStore,
    private readonly events: GridEvents,
  ) {
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
    const widths = this.store.columns.map(columnWidth);
    this.root.style.setProperty("--columns", widths.map(({ rem, share }) => `minmax(${rem}rem, ${share}fr)`).join(" "));
    this.root.style.setProperty("--least", `${widths.reduce((sum, { rem }) => sum + rem, 0)}rem`);
    this.spacer.style.height = `${this.scroller.height}px`;
    this.scroller.viewport = this.body.clientHeight;
    this.body.scrollTop = this.scroller.scrollTop;
    this.drawHead();
    this.drawRows();
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

  private drawHead(): void {
    const focused = document.activeElement?.getAttribute("data-column");
    this.head.replaceChildren(...this.store.columns.map((id) => {
      const { title, numeric } = columnOf(id);
      const sorted = this.order?.column === id ? (this.order.descending ? "descending" : "ascending") : "none";
      const mark = sorted === "none" ? "" : sorted === "ascending" ? " ▲" : " ▼";
      const made = element("button", { type: "button", "data-column": id, class: numeric ? "number" : "" }, [`${title}${mark}`]);
      made.addEventListener("click", () => this.events.onSort(id));
      return element("div", { role: "columnheader", "aria-sort": sorted }, [made]);
    }));
    if (focused) this.head.querySelector<HTMLElement>(`[data-column="${focused}"]`)?.focus();
  }

  private drawRows(): void {
    const [first, last] = this.scroller.sight;
    this.store.want(first, last);
    this.layer.replaceChildren(...Array.from({ length: Math.max(0, last - first) }, (_, offset) => this.row(first + offset)));
    if (this.active >= first && this.active < last) this.table.setAttribute("aria-activedescendant", `row-${this.active}`);
    else this.table.removeAttribute("aria-activedescendant");
  }

  private row(position: number): HTMLElement {
    const cells = this.store.cells(position);
    const made = element("div", {
      id: `row-${position}`, role: "row", class: position === this.active ? "row active" : "row", "aria-rowindex": position + 2,
      "aria-selected": String(position === this.active), "data-position": position, ...(cells ? {} : { "aria-busy": "true" }),
    }, this.store.columns.map((id, at) => {
      const { title, numeric } = columnOf(id);
      const cell = cells?.[at];
      const text = cell === undefined ? "" : cell === null ? "?" : String(cell);
      return element("div", { role: "gridcell", class: `${numeric ? "number" : ""} ${cell === null ? "unknown" : ""}`, title: cell === null ? `${title}: not known` : text }, [text]);
    }));
    made.style.top = `${(position - this.scroller.top) * rowHeight}px`;
    return made;
  }

  private onScroll(): void {
    this.head.scrollLeft = this.body.scrollLeft;
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
    else if (end >= 0 && (event.key === "Enter" || event.key === " ")) this.events.onOpen(this.active);
    else if (cells && event.key.toLowerCase() === "c" && (event.ctrlKey || event.metaKey)) this.events.onCopy(cells.map((cell) => cell ?? "?").join("\t"));
    else return;
    event.preventDefault();
  }

  private onClick(event: MouseEvent): void {
    const position = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-position]")?.dataset["position"] : undefined;
    if (position === undefined) return;
    this.moveTo(Number(position));
    this.events.onOpen(this.active);
  }

  private moveTo(position: number): void {
    this.active = Math.max(0, position);
    this.scroller.reveal(this.active);
    this.body.scrollTop = this.scroller.scrollTop;
    this.drawRows();
  }
}

const byId = new Map(socketColumns.map((column) => [column.id, column]));
const columnOf = (id: SocketColumnId): (typeof socketColumns)[number] => byId.get(id) ?? socketColumns[0];

function columnWidth(id: SocketColumnId): { readonly rem: number; readonly share: number } {
  if (id === "local" || id === "remote") return { rem: 12, share: 2 };
  if (id === "process" || id === "cgroup") return { rem: 9, share: 1.5 };
  return { rem: id === "timer" ? 8 : 5.5, share: 1 };
}
