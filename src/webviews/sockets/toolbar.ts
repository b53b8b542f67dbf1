import { socketColumns, type SocketColumnId } from "../../protocol/socketTable";
import { button, element } from "../element";

export interface ToolbarEvents {
  onFind(text: string): void;
  onColumns(columns: readonly SocketColumnId[]): void;
  onExport(format: "csv" | "json"): void;
  onCloseAll(): void;
}

/** A pause of typing after which rows are looked for. Milliseconds. */
const PAUSE = 150;

/** What works on the sockets that are shown: search, columns, export, closing. */
export class Toolbar {
  readonly root = element("div", { class: "toolbar", role: "toolbar", "aria-label": "Sockets shown" });
  private readonly find = element("input", { id: "find", type: "search", placeholder: "words in the columns shown" });
  private readonly closeAll: HTMLButtonElement;
  private readonly shown = new Set<SocketColumnId>(socketColumns.filter((column) => column.shown).map((column) => column.id));
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: ToolbarEvents) {
    this.find.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => events.onFind(this.find.value), PAUSE);
    });
    this.closeAll = button("Close Sockets…", () => events.onCloseAll(), { title: "Close the sockets that are shown, after a question that lists them" });
    this.root.append(
      element("div", { class: "field" }, [element("label", { for: "find" }, ["Find here"]), this.find]),
      this.columnsMenu(),
      button("Export CSV", () => events.onExport("csv")),
      button("Export JSON", () => events.onExport("json")),
      this.closeAll,
    );
  }

  get columns(): readonly SocketColumnId[] {
    return socketColumns.map(({ id }) => id).filter((id) => this.shown.has(id));
  }

  setCount(count: number): void {
    this.closeAll.disabled = count === 0;
  }

  private columnsMenu(): HTMLElement {
    const boxes = socketColumns.map(({ id, title, shown: checked }) => {
      const box = element("input", { type: "checkbox", checked });
      box.addEventListener("change", () => {
        if (box.checked) this.shown.add(id);
        else this.shown.delete(id);
        this.events.onColumns(this.columns);
      });
      return element("label", {}, [box, title]);
    });
    const menu = element("details", { class: "columns" }, [element("summary", {}, ["Columns"]), element("div", { role: "group", "aria-label": "Columns" }, boxes)]);
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary")?.focus();
    });
    return menu;
  }
}
