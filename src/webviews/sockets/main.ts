import { RpcPeer } from "../../protocol/rpc";
import type { ExtensionMethods, PageMethods, SocketTableState } from "../../protocol/socketTable";
import { columnOf, columnsOf, type SocketColumnId } from "../../protocol/tableColumns";
import { lookKey, orderOf, plainLook, shownColumns, withColumns, withOrder, withWidth, type SortOrder, type TableLook } from "../../protocol/tableLook";
import { Details } from "./details";
import { element } from "../element";
import { Grid } from "./grid";
import { QueryBox } from "./queryBox";
import { RowStore } from "./rowStore";
import { Toolbar } from "./toolbar";

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const api = acquireVsCodeApi();
const rpc = new RpcPeer<PageMethods, ExtensionMethods>((message) => api.postMessage(message), {
  show: (next) => {
    show(next);
    return undefined;
  },
  owners: (known) => {
    if (state) showOwners(state, known);
    return undefined;
  },
});
window.addEventListener("message", (event: MessageEvent<unknown>) => rpc.receive(event.data));

const status = element("p", { class: "status", role: "status" });
const problem = element("p", { class: "problem", role: "alert", hidden: true });
const store = new RowStore((version, from, count, columns) => rpc.call("rows", { version, from, count, columns }), () => grid.drawSoon(), fail);
const details = new Details({ onHide: () => grid.focus(), onCloseSocket: (position) => close(position), onAgain: (position) => open(position) });
const grid = new Grid(store, {
  onOpen: (position) => open(position),
  onSort: (column) => {
    grid.order = nextOrder(grid.order, column);
    remember(withOrder(shownLook(), grid.order));
    arrange();
  },
  onWidth: (column, width, done) => {
    const next = withWidth(look, column, width);
    grid.widths = next.widths;
    grid.drawWidths();
    if (!done) return;
    remember(next);
    tell(`${columnOf(column).title}: ${width === undefined ? "its own width" : `${width} pixels wide`}`);
  },
  onCopy: (text) => attempt(() => rpc.call("copy", { text })),
});
const query = new QueryBox({
  onQuery: (filter) => {
    announcement = "";
    attempt(() => run(filter));
  },
  complete: (text, cursor) => rpc.call("complete", { text, cursor }),
  check: (text) => rpc.call("check", { text, protocols: look.protocols }),
  onProtocols: (protocols) => {
    remember(look, protocols);
    query.setProtocols(protocols);
  },
  onProtocolsDone: () => {
    if (state?.takenAt !== undefined && lookKey(look.protocols) !== lookKey(state.protocols)) void query.submit();
  },
});
const toolbar = new Toolbar({
  onFind: (text) => {
    find = text;
    arrange();
  },
  onColumns: (columns) => {
    remember(withColumns(shownLook(), columns));
    showColumns();
  },
  onPlainColumns: () => {
    remember({ ...withColumns(shownLook(), undefined), widths: {} });
    showColumns();
  },
  onExport: (format) => attempt(() => rpc.call("export", { format, version: store.arrangement.version })),
  onCloseAll: () => close(),
});

let state: SocketTableState | undefined;
let look: TableLook = plainLook;
let find = "";
let queries = 0;
/** What is going on, or was done a moment ago. */
let passing = "";
/** What became of the last deed; it stands until the next one. */
let announcement = "";

function open(position: number): void {
  attempt(async () => details.show(position, await rpc.call("details", { version: store.arrangement.version, position })));
}

/** An answer that a later query overtook is not shown. */
async function run(filter: string): Promise<void> {
  const mine = ++queries;
  query.setBusy(true);
  try {
    const next = await rpc.call("query", { filter, protocols: look.protocols });
    if (mine === queries) show(next);
  } finally {
    if (mine === queries) query.setBusy(false);
  }
}

/** New sockets, in the host's order until they are arranged as before. */
function show(next: SocketTableState): void {
  state = next;
  look = { ...look, protocols: next.protocols };
  query.setProtocols(next.protocols);
  query.set(next.filter, next.history, next.plan);
  store.reset(next.arrangement, offerColumns());
  grid.order = orderOf(look);
  details.hide();
  grid.draw(true);
  tell();
  if (find !== "" || grid.order) arrange();
}

/** The same rows with their processes: nothing moves, but what was sorted or found by them. */
function showOwners(shown: SocketTableState, { arrangement, notes }: Pick<SocketTableState, "arrangement" | "notes">): void {
  state = { ...shown, notes };
  store.reset(arrangement);
  grid.draw();
  tell(passing);
  if (find !== "" || grid.order?.column === "process") arrange(false);
  else details.again();
}

/** Of the sockets that are shown, while other protocols may be ticked for the next query. */
const shownLook = (): TableLook => ({ ...look, protocols: state?.protocols ?? look.protocols });

function remember({ columns, orders, widths }: TableLook, protocols = look.protocols): void {
  look = { protocols, columns, orders, widths };
  attempt(() => rpc.call("remember", look));
}

function offerColumns(): readonly SocketColumnId[] {
  const { protocols } = shownLook();
  const shown = shownColumns(shownLook());
  toolbar.setColumns(columnsOf(protocols), shown);
  grid.widths = look.widths;
  return shown;
}

function showColumns(): void {
  store.reset(store.arrangement, offerColumns());
  grid.draw();
  if (find !== "") arrange();
}

/** Ascending, then descending, then the host's own order. */
function nextOrder(now: SortOrder | undefined, column: SocketColumnId): SortOrder | undefined {
  if (now?.column !== column) return { column, descending: false };
  return now.descending ? undefined : { column, descending: true };
}

/** `fromTop`: the user wanted another order. */
function arrange(fromTop = true): void {
  attempt(async () => {
    tell("arranging…");
    grid.root.setAttribute("aria-busy", "true");
    const arrangement = await rpc.call("arrange", { find, columns: store.columns, ...(grid.order && { order: grid.order }) });
    if (!arrangement) return;
    grid.root.removeAttribute("aria-busy");
    store.reset(arrangement);
    details.hide();
    grid.draw(fromTop);
    tell();
  });
}

function close(position?: number): void {
  attempt(async () => {
    const report = await rpc.call("close", { version: store.arrangement.version, ...(position !== undefined && { position }) });
    if (report === "") return;
    announcement = report;
    await run(state?.filter ?? "");
  });
}

function tell(now = ""): void {
  passing = now;
  const { count } = store.arrangement;
  const total = state?.total ?? 0;
  toolbar.setCount(count);
  const shown = state?.takenAt === undefined ? "Nothing asked yet: type a filter and press Enter" : count === total ? `${number(total)} sockets` : `${number(count)} of ${number(total)} sockets`;
  const when = state?.takenAt === undefined ? "" : ` on ${state.host} at ${new Date(state.takenAt).toLocaleTimeString()}`;
  status.textContent = [...[announcement, now].filter((text) => text !== ""), `${shown}${when}`, ...(state?.notes ?? [])].join(" · ");
}

const number = (value: number): string => value.toLocaleString();

/** Runs a task; its failure becomes a sentence on the page, and the table stays as it was. */
function attempt(task: () => Promise<unknown>): void {
  problem.hidden = true;
  task().catch(fail);
}

function fail(error: unknown): void {
  problem.textContent = error instanceof Error ? error.message : String(error);
  problem.hidden = false;
}

document.getElementById("page")?.append(query.root, toolbar.root, problem, element("div", { class: "content" }, [grid.root, details.root]), status);
attempt(async () => {
  const { state: first, look: kept } = await rpc.call("load", undefined);
  look = kept;
  show(first);
  if (first.takenAt === undefined) query.focus();
  else grid.focus();
});
