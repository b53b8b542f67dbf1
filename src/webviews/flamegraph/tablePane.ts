import { button, element } from "../element";
import type { FlameModel } from "./flameModel";
import { functionTable, type FunctionRow } from "./functionTable";
import { percent, rateText } from "./words";

/** More rows than anyone reads; what is left out is said. */
const mostRows = 1000;

/** The graph as a table: for screen readers, and for those who want numbers. */
export class TablePane {
  readonly root = element("div", { class: "table", hidden: true });

  constructor(
    private readonly model: FlameModel,
    private readonly onOpen: (file: string, line: number) => void,
  ) {}

  draw(): void {
    const { data } = this.model;
    if (!data) return;
    const rows = functionTable(data);
    const change = data.comparison ? ["Change"] : [];
    const head = element("tr", {}, ["Function", "Total", "Share", "Ends here", ...change, "Line"].map((title) => element("th", { scope: "col" }, [title])));
    const body = rows.slice(0, mostRows).map((row) => this.row(row));
    const left = rows.length > mostRows ? [element("p", {}, [`${rows.length - mostRows} more functions are not shown.`])] : [];
    this.root.replaceChildren(element("table", {}, [element("caption", {}, [`${data.title}: ${rows.length} functions, greatest first`]), element("thead", {}, [head]), element("tbody", {}, body)]), ...left);
  }

  private row({ name, place, file, line, total, self, change }: FunctionRow): HTMLElement {
    const { data } = this.model;
    const comparison = data?.comparison;
    const opens = file === undefined ? [place] : [button(place, () => this.onOpen(file, line ?? 1), { class: "link" })];
    const cells: (Node | string)[][] = [[String(total)], [percent(total, data?.total ?? 0)], [String(self)], ...(comparison ? [[`${change >= 0 ? "+" : "−"}${rateText(Math.abs(change), comparison.unit)}`]] : []), opens];
    return element("tr", {}, [element("th", { scope: "row" }, [name]), ...cells.map((cell, index) => element("td", { class: index < cells.length - 1 ? "number" : "" }, cell))]);
  }
}
