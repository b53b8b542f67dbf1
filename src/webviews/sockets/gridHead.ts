import { columnOf, type SocketColumnId } from "../../protocol/tableColumns";
import { narrowest, widest, type SortOrder } from "../../protocol/tableLook";
import { element } from "../element";

export interface HeadEvents {
  onSort(column: SocketColumnId): void;
  /** undefined: as wide as the room allows. `done`: the user let go. */
  onWidth(column: SocketColumnId, width: number | undefined, done: boolean): void;
}

/** CSS pixels of one press of an arrow. */
const STEP = 16;

/**
 * The row of headers: buttons that sort, of which one at a time is a tab stop (Left and Right move between them). Shift with Left and Right, or
 * a pull at the edge, makes a column narrower and wider; Shift+Home, or a double click there, gives it back its own width.
 */
export class GridHead {
  readonly root = element("div", { class: "head", role: "row", "aria-rowindex": 1 });
  private focused = 0;

  constructor(private readonly events: HeadEvents) {
    this.root.addEventListener("keydown", (event) => this.onKey(event));
  }

  draw(columns: readonly SocketColumnId[], order: SortOrder | undefined): void {
    const hadFocus = this.root.contains(document.activeElement);
    this.focused = Math.min(this.focused, Math.max(0, columns.length - 1));
    this.root.replaceChildren(...columns.map((id, at) => this.header(id, at, order?.column === id ? (order.descending ? "descending" : "ascending") : "none")));
    if (hadFocus) this.buttons[this.focused]?.focus();
  }

  private header(id: SocketColumnId, at: number, sorted: "ascending" | "descending" | "none"): HTMLElement {
    const { title, numeric } = columnOf(id);
    const mark = { none: "", ascending: " ▲", descending: " ▼" }[sorted];
    const made = element("button", {
      type: "button", "data-column": id, class: numeric ? "number" : "", tabindex: at === this.focused ? 0 : -1, "aria-description": "Enter sorts, Shift with arrows changes the width",
    }, [title, element("span", { "aria-hidden": "true" }, [mark])]);
    made.addEventListener("click", () => this.events.onSort(id));
    made.addEventListener("focus", () => this.moveTo(at));
    const header = element("div", { role: "columnheader", "aria-sort": sorted }, [made]);
    header.append(this.edge(id, header));
    return header;
  }

  private edge(id: SocketColumnId, header: HTMLElement): HTMLElement {
    const edge = element("div", { class: "edge", "aria-hidden": "true" });
    edge.addEventListener("dblclick", () => this.events.onWidth(id, undefined, true));
    edge.addEventListener("pointerdown", (event) => {
      const start = header.offsetWidth - event.clientX;
      const move = (now: PointerEvent): void => this.events.onWidth(id, within(start + now.clientX), false);
      edge.setPointerCapture(event.pointerId);
      edge.addEventListener("pointermove", move);
      edge.addEventListener("pointerup", (last) => {
        edge.removeEventListener("pointermove", move);
        if (last.clientX !== event.clientX) this.events.onWidth(id, within(start + last.clientX), true);
      }, { once: true });
    });
    return edge;
  }

  private get buttons(): readonly HTMLButtonElement[] {
    return [...this.root.querySelectorAll("button")];
  }

  private moveTo(at: number): void {
    this.focused = at;
    this.buttons.forEach((button, index) => (button.tabIndex = index === at ? 0 : -1));
  }

  private onKey(event: KeyboardEvent): void {
    const { buttons, focused } = this;
    const header = buttons[focused]?.parentElement;
    const column = buttons[focused]?.dataset["column"] as SocketColumnId | undefined;
    if (!header || column === undefined) return;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.shiftKey && direction !== undefined) this.events.onWidth(column, within(header.offsetWidth + direction * STEP), true);
    else if (event.shiftKey && event.key === "Home") this.events.onWidth(column, undefined, true);
    else if (direction !== undefined) buttons[focused + direction]?.focus();
    else if (event.key === "Home" || event.key === "End") buttons.at(event.key === "Home" ? 0 : -1)?.focus();
    else return;
    event.preventDefault();
  }
}

const within = (width: number): number => Math.round(Math.min(widest, Math.max(narrowest, width)));
