import { RpcPeer } from "../../protocol/rpc";
import type { ExtensionMethods, PageMethods, SocketTableData } from "../../protocol/socketTable";
import { Details } from "./details";
import { element } from "./element";
import { Grid } from "./grid";
import { TableModel } from "./tableModel";
import { Toolbar } from "./toolbar";

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const api = acquireVsCodeApi();
const rpc = new RpcPeer<PageMethods, ExtensionMethods>((message) => api.postMessage(message), {
  show: (data) => {
    show(data);
    return undefined;
  },
});
window.addEventListener("message", (event: MessageEvent<unknown>) => rpc.receive(event.data));

const model = new TableModel();
const status = element("p", { class: "status", role: "status" });
const problem = element("p", { class: "problem", role: "alert", hidden: true });
const details = new Details(() => grid.focus());
const grid = new Grid(model, {
  onOpen: (row) => attempt(async () => details.show(await rpc.call("details", { row }))),
  onSort: (column) => {
    model.cycleSort(column);
    redraw();
  },
  onCopy: (text) => attempt(() => rpc.call("copy", { text })),
});
const toolbar = new Toolbar({
  onQuery: (filter) => attempt(async () => {
    toolbar.setBusy(true);
    try {
      show(await rpc.call("query", { filter }));
    } finally {
      toolbar.setBusy(false);
    }
  }),
  onText: (text) => {
    model.setText(text);
    redraw();
  },
  onColumns: (columns) => grid.setColumns(columns),
  onExport: (format) => attempt(() => rpc.call("export", { format, rows: model.rows })),
});

let data: SocketTableData | undefined;

function show(next: SocketTableData): void {
  data = next;
  model.setData(next);
  toolbar.setFilter(next.filter);
  details.hide();
  redraw();
}

function redraw(): void {
  grid.draw();
  const shown = model.rows.length === model.total ? `${model.total} sockets` : `${model.rows.length} of ${model.total} sockets`;
  const when = data ? ` on ${data.host} at ${new Date(data.takenAt).toLocaleTimeString()}` : "";
  status.textContent = [`${shown}${when}`, ...(data?.notes ?? [])].join(" · ");
}

/** Runs a task; its failure becomes a sentence on the page, and the table stays as it was. */
function attempt(task: () => Promise<unknown>): void {
  problem.hidden = true;
  task().catch((error: unknown) => {
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  });
}

document.getElementById("page")?.append(toolbar.root, problem, element("div", { class: "content" }, [grid.root, details.root]), status);
attempt(async () => {
  show(await rpc.call("load", undefined));
  grid.focus();
});
