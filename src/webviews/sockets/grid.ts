import { socketColumns, type SocketColumnId } from "../../protocol/socketTable";
import { element } from "./element";
import type { TableModel } from "./tableModel";

const rowHeight = 22;
const overscan = 8;

export interface GridEvents {
  /** Enter, Space or a click on a row: its index in the data. */
  onOpen(row: number): void;
  onSort(column: SocketColumnId): void;
  onCopy(text: string): void;
}

/**
 * A grid of which only the rows in sight exist as elements. It follows the ARIA grid pattern: one tab stop, arrows
 * move the active row, aria-rowcount and aria-rowindex tell the whole. The headers are buttons that sort.
 */
export class Grid {
  readonly root = element("div", { class: "grid" });
  private readonly head = element("div", { class: "head", role: "row", "aria-rowindex": 1 });
  private readonly body = element("div", { class: "body", role: "rowgroup" });
  private readonly spacer = element("div", { class: "spacer" });
  private readonly table = element("div", {
    role: "grid", class: "table", tabindex: 0, "aria-label": "Sockets. Arrow keys move, Enter shows details, Control C copies.",
  }, [this.head, this.body]);
  private shown: ReadonlySet<SocketColumnId> = new Set(socketColumns.filter((column) => column.shown).map((column) => column.id));
  private active = 0;

  constructor(
    private readonly model: TableModel,
    private readonly events: GridEvents,
  ) {
    this.body.append(this.spacer);
    this.root.append(this.table);
    this.body.addEventListener("scroll", () => {
      this.head.scrollLeft = this.body.scrollLeft;
      this.drawRows();
    });
    this.table.addEventListener("keydown", (event) => {
      if (event.target === this.table) this.onKey(event);
    });
    this.body.addEventListener("click", (event) => this.onClick(event));
    new ResizeObserver(() => this.drawRows()).observe(this.body);
  }

  get columns(): ReadonlySet<SocketColumnId> {
    return this.shown;
  }

  setColumns(columns: ReadonlySet<SocketColumnId>): void {
    this.shown = columns;
    this.draw();
  }

  draw(): void {
    this.active = Math.min(this.active, Math.max(0, this.model.rows.length - 1));
    this.table.setAttribute("aria-rowcount", String(this.model.rows.length + 1));
    this.table.setAttribute("aria-colcount", String(this.shown.size));
    const widths = this.visibleColumns().map(({ id }) => columnWidth(id));
    this.root.style.setProperty("--columns", widths.map(({ rem, share }) => `minmax(${rem}rem, ${share}fr)`).join(" "));
    this.root.style.setProperty("--least", `${widths.reduce((sum, { rem }) => sum + rem, 0)}rem`);
    this.spacer.style.height = `${this.model.rows.length * rowHeight}px`;
    this.drawHead();
    this.drawRows();
  }

  focus(): void {
    this.table.focus();
  }

  private visibleColumns(): readonly (typeof socketColumns)[number][] {
    return socketColumns.filter((column) => this.shown.has(column.id));
  }

  private drawHead(): void {
    const focused = document.activeElement?.getAttribute("data-column");
    this.head.replaceChildren(...this.visibleColumns().map(({ id, title, numeric }) => {
      const sorted = this.model.order?.column === id ? (this.model.order.descending ? "descending" : "ascending") : "none";
      const mark = sorted === "none" ? "" : sorted === "ascending" ? " ▲" : " ▼";
      const made = element("button", { type: "button", "data-column": id, class: numeric ? "number" : "" }, [`${title}${mark}`]);
      made.addEventListener("click", () => this.events.onSort(id));
      return element("div", { role: "columnheader", "aria-sort": sorted }, [made]);
    }));
    if (focused) this.head.querySelector<HTMLElement>(`[data-column="${focused}"]`)?.focus();
  }

  private drawRows(): void {
    const first = Math.max(0, Math.floor(this.body.scrollTop / rowHeight) - overscan);
    const last = Math.min(this.model.rows.length, Math.ceil((this.body.scrollTop + this.body.clientHeight) / rowHeight) + overscan);
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, offset) => this.row(first + offset));
    this.body.replaceChildren(this.spacer, ...rows);
    if (this.model.rows.length > 0) this.table.setAttribute("aria-activedescendant", `row-${this.active}`);
    else this.table.removeAttribute("aria-activedescendant");
  }

  private row(position: number): HTMLElement {
    const index = this.model.rows[position] ?? 0;
    const cells = this.model.cells(index);
    const made = element("div", {
      id: `row-${position}`, role: "row", class: position === this.active ? "row active" : "row", "aria-rowindex": position + 2,
      "aria-selected": String(position === this.active), "data-position": position,
    }, socketColumns.flatMap(({ id, numeric, title }, at) => {
      if (!this.shown.has(id)) return [];
      const cell = cells[at] ?? null;
      const text = cell === null ? "?" : String(cell);
      return [element("div", { role: "gridcell", class: `${numeric ? "number" : ""} ${cell === null ? "unknown" : ""}`, title: cell === null ? `${title}: not known` : text }, [text])];
    }));
    made.style.top = `${position * rowHeight}px`;
    return made;
  }

  private onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.body.clientHeight / rowHeight) - 1);
    const end = this.model.rows.length - 1;
    const moves: Readonly<Record<string, number>> = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page, Home: 0, End: end };
    const target = moves[event.key];
    const row = this.model.rows[this.active];
    if (target !== undefined) this.moveTo(Math.min(Math.max(0, target), end));
    else if (row === undefined) return;
    else if (event.key === "Enter" || event.key === " ") this.events.onOpen(row);
    else if (event.key.toLowerCase() === "c" && (event.ctrlKey || event.metaKey)) this.events.onCopy(this.model.cells(row).map((cell) => cell ?? "?").join("\t"));
    else return;
    event.preventDefault();
  }

  private onClick(event: MouseEvent): void {
    const position = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-position]")?.dataset["position"] : undefined;
    if (position === undefined) return;
    this.moveTo(Number(position));
    const row = this.model.rows[this.active];
    if (row !== undefined) this.events.onOpen(row);
  }

  private moveTo(position: number): void {
    this.active = Math.max(0, position);
    const top = this.active * rowHeight;
    if (top < this.body.scrollTop) this.body.scrollTop = top;
    else if (top + rowHeight > this.body.scrollTop + this.body.clientHeight) this.body.scrollTop = top + rowHeight - this.body.clientHeight;
    this.drawRows();
  }
}

function columnWidth(id: SocketColumnId): { readonly rem: number; readonly share: number } {
  if (id === "local" || id === "remote") return { rem: 12, share: 2 };
  if (id === "process" || id === "cgroup") return { rem: 9, share: 1.5 };
  return { rem: id === "timer" ? 8 : 5.5, share: 1 };
}
