import { socketColumns, type SocketColumnId } from "../../protocol/socketTable";
import { button, element } from "./element";

export interface ToolbarEvents {
  onQuery(filter: string): void;
  onText(text: string): void;
  onColumns(columns: ReadonlySet<SocketColumnId>): void;
  onExport(format: "csv" | "json"): void;
}

/** The host's filter, the filter within the page, columns and export. */
export class Toolbar {
  readonly root = element("header", { class: "toolbar" });
  private readonly filter = element("input", { id: "filter", type: "text", spellcheck: "false", placeholder: "state established and dport = :443" });
  private readonly text = element("input", { id: "text", type: "search", placeholder: "words in the rows" });
  private readonly run = element("button", { type: "submit" }, ["Run"]);

  constructor(private readonly events: ToolbarEvents) {
    const form = element("form", {}, [element("label", { for: "filter" }, ["Filter on the host"]), this.filter, this.run]);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      events.onQuery(this.filter.value.trim());
    });
    this.text.addEventListener("input", () => events.onText(this.text.value));
    this.root.append(
      form,
      element("div", { class: "field" }, [element("label", { for: "text" }, ["Find here"]), this.text]),
      this.columnsMenu(),
      button("Export CSV", () => events.onExport("csv")),
      button("Export JSON", () => events.onExport("json")),
    );
  }

  setFilter(filter: string): void {
    this.filter.value = filter;
  }

  setBusy(busy: boolean): void {
    this.run.disabled = busy;
    this.run.textContent = busy ? "Running…" : "Run";
  }

  private columnsMenu(): HTMLElement {
    const shown = new Set<SocketColumnId>(socketColumns.filter((column) => column.shown).map((column) => column.id));
    const boxes = socketColumns.map(({ id, title, shown: checked }) => {
      const box = element("input", { type: "checkbox", checked });
      box.addEventListener("change", () => {
        if (box.checked) shown.add(id);
        else shown.delete(id);
        this.events.onColumns(new Set(shown));
      });
      return element("label", {}, [box, title]);
    });
    return element("details", { class: "columns" }, [element("summary", {}, ["Columns"]), element("div", { role: "group", "aria-label": "Columns" }, boxes)]);
  }
}
