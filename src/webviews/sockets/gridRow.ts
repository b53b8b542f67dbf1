import type { SocketCells } from "../../protocol/socketTable";
import { columnOf, type SocketColumnId } from "../../protocol/tableColumns";
import { element } from "../element";

export interface ShownRow {
  readonly position: number;
  /** undefined while they are on their way. */
  readonly cells: SocketCells | undefined;
  readonly active: boolean;
  /** Number of the active cell; −1: none. */
  readonly activeCell: number;
  /** Pixels. */
  readonly top: number;
}

/** One line of the grid, made once and then told what it shows: making elements is what scrolling would wait for. */
export class GridRow {
  readonly root: HTMLElement;
  private readonly cells: readonly HTMLElement[];

  constructor(private readonly columns: readonly SocketColumnId[]) {
    this.cells = columns.map(() => element("div", { role: "gridcell" }));
    this.root = element("div", { role: "row" }, this.cells);
  }

  show({ position, cells, active, activeCell, top }: ShownRow): void {
    const { root } = this;
    set(root, "id", `row-${position}`);
    set(root, "class", active ? "row active" : "row");
    set(root, "aria-rowindex", String(position + 2));
    set(root, "aria-selected", String(active));
    set(root, "data-position", String(position));
    set(root, "aria-busy", cells ? undefined : "true");
    root.style.top = `${top}px`;
    this.cells.forEach((cell, at) => this.showCell(cell, this.columns[at], cells?.[at], at === activeCell));
  }

  private showCell(cell: HTMLElement, column: SocketColumnId | undefined, value: SocketCells[number] | undefined, active: boolean): void {
    if (column === undefined) return;
    const { title, numeric } = columnOf(column);
    const text = value === undefined ? "" : value === null ? "?" : String(value);
    if (cell.textContent !== text) cell.textContent = text;
    set(cell, "class", [...(numeric ? ["number"] : []), ...(value === null ? ["unknown"] : []), ...(active ? ["active"] : [])].join(" "));
    set(cell, "title", value === null ? `${title}: not known` : text);
    set(cell, "id", active ? "cell" : undefined);
    set(cell, "aria-label", value === null ? "not known" : undefined);
  }
}

/** Nothing is touched that is right already: each change costs the browser a look at the styles. */
function set(on: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) on.removeAttribute(name);
  else if (on.getAttribute(name) !== value) on.setAttribute(name, value);
}
