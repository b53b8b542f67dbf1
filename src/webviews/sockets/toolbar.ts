import { columnOf, tableColumns, type SocketColumnId } from "../../protocol/tableColumns";
import { button, element } from "../element";
import { CheckMenu } from "./checkMenu";

export interface ToolbarEvents {
  onFind(text: string): void;
  onColumns(columns: readonly SocketColumnId[]): void;
  /** Columns and widths as they were before the user changed them. */
  onPlainColumns(): void;
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
  private readonly columns: CheckMenu<SocketColumnId>;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: ToolbarEvents) {
    this.find.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => events.onFind(this.find.value), PAUSE);
    });
    this.closeAll = button("Close Sockets…", () => events.onCloseAll(), { title: "Close the sockets that are shown, after a question that lists them" });
    this.columns = new CheckMenu("Columns", {
      onChange: (chosen) => events.onColumns(tableColumns.map(({ id }) => id).filter((id) => chosen.has(id))),
    }, { label: "As at first", run: () => events.onPlainColumns() });
    this.root.append(
      element("div", { class: "field" }, [element("label", { for: "find" }, ["Find here"]), this.find]),
      this.columns.root,
      button("Export CSV", () => events.onExport("csv")),
      button("Export JSON", () => events.onExport("json")),
      this.closeAll,
    );
  }

  /** Columns that can be chosen, and those that are shown. */
  setColumns(offered: readonly SocketColumnId[], shown: readonly SocketColumnId[]): void {
    this.columns.set(offered.map(columnOf).map(({ id, title }) => ({ id: id as SocketColumnId, title })), shown);
  }

  setCount(count: number): void {
    this.closeAll.disabled = count === 0;
  }
}
