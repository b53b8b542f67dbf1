import type { FlameExtensionMethods, FlameGraphData, FlamePageMethods } from "../../protocol/flameGraph";
import { RpcPeer } from "../../protocol/rpc";
import { button, element } from "../element";
import { FlameCanvas } from "./canvas";
import { FlameModel } from "./flameModel";
import { onGraphKey } from "./keys";
import { TablePane } from "./tablePane";
import { describeNode, percent } from "./words";

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const api = acquireVsCodeApi();
const rpc = new RpcPeer<FlamePageMethods, FlameExtensionMethods>((message) => api.postMessage(message), {
  changed: () => {
    attempt(load);
    return undefined;
  },
});
window.addEventListener("message", (event: MessageEvent<unknown>) => rpc.receive(event.data));

const model = new FlameModel();
const canvas = new FlameCanvas(model, {
  onSelect: (node, withModifier) => {
    select(node);
    if (withModifier) open(node);
    else zoom(model.zoom === node ? model.parent(node) : node);
  },
  onHover: (node) => describe(node ?? canvas.active),
  onReset: () => zoom(-1),
});
const table = new TablePane(model, (file, line) => attempt(() => rpc.call("open", { file, line })));
canvas.root.setAttribute("role", "application");
canvas.root.setAttribute("aria-label", "Flame graph. Arrows move, Enter opens the source, Space zooms in, Escape zooms out, slash finds. “Table” shows the same as a table.");
canvas.root.setAttribute("aria-describedby", "details");
canvas.root.tabIndex = 0;

const heading = element("h1", {});
const legend = element("p", { class: "legend" });
const search = element("input", { type: "search", "aria-label": "Find functions", placeholder: "Find functions, modules, files" });
const found = element("span", { class: "found", role: "status" });
const byLine = element("input", { type: "checkbox", id: "by-line" });
const details = element("p", { id: "details", class: "details", role: "status" });
const openButton = button("Open Source", () => open(canvas.active), { title: "Enter, or Ctrl and a click on a box" });
const problem = element("p", { class: "problem", role: "alert", hidden: true });
const tableButton = button("Table", () => showTable(table.root.hidden !== false), { "aria-pressed": "false" });
const saves = (["folded", "speedscope", "perf-script"] as const).map((format) => button(format, () => attempt(() => rpc.call("export", { format }))));

search.addEventListener("input", () => find());
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") nextMatch(event.shiftKey ? -1 : 1);
  else if (event.key === "Escape") canvas.root.focus();
});
byLine.addEventListener("change", () => attempt(load));
canvas.root.addEventListener("keydown", (event) => {
  if (onGraphKey(event, model, canvas.active, { move: select, open, zoom, find: () => search.focus(), nextMatch })) event.preventDefault();
});

function show(data: FlameGraphData): void {
  model.setData(data);
  heading.textContent = data.title;
  const { comparison } = data;
  legend.textContent = comparison
    ? `Before: ${comparison.before}, ${comparison.totalBefore} ${data.counted}. After: ${comparison.after}, ${comparison.totalAfter} ${data.counted}. Red and + grew, blue and − shrank, compared ${comparison.unit === "share" ? "by their share of each trace" : "by rate"}.`
    : `${data.total} ${data.counted}, callers above what they called. ⤷ is inlined into its caller.`;
  canvas.active = Math.min(canvas.active, model.size - 1);
  if (canvas.active < 0 && model.size > 0) canvas.active = 0;
  find();
  table.draw();
  describe(canvas.active);
}

function select(node: number): void {
  canvas.active = node;
  canvas.reveal(node);
  canvas.drawSoon();
  describe(node);
}

function zoom(node: number): void {
  model.zoomTo(node);
  canvas.drawSoon();
}

function describe(node: number): void {
  details.textContent = describeNode(model, node);
  openButton.disabled = model.functionOf(canvas.active).file === undefined;
}

function open(node: number): void {
  const { file, line } = model.functionOf(node);
  if (file === undefined || line === undefined) details.textContent = `${model.label(node)}: no source line is known.`;
  else attempt(() => rpc.call("open", { file, line }));
}

function find(): void {
  const { nodes, total } = model.setSearch(search.value);
  found.textContent = search.value.trim() === "" ? "" : `${nodes} found · ${percent(total, model.total(-1))}`;
  canvas.drawSoon();
}

function nextMatch(step: 1 | -1): void {
  const node = model.nextMatch(canvas.active, step);
  if (node === undefined) return;
  if (!model.path(node).includes(model.zoom)) zoom(-1);
  select(node);
}

function showTable(shown: boolean): void {
  table.root.hidden = !shown;
  canvas.root.hidden = shown;
  tableButton.setAttribute("aria-pressed", String(shown));
}

async function load(): Promise<void> {
  show(await rpc.call("load", { byLine: byLine.checked }));
}

/** Runs a task; its failure becomes a sentence on the page. */
function attempt(task: () => Promise<unknown>): void {
  problem.hidden = true;
  task().catch((error: unknown) => {
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  });
}

const lines = element("label", { for: "by-line" }, [byLine, " Lines apart"]);
const bar = element("header", { class: "toolbar" }, [search, found, lines, button("Reset Zoom", () => zoom(-1)), tableButton, openButton, element("span", { class: "saves" }, ["Save as ", ...saves])]);
document.getElementById("page")?.append(heading, legend, bar, problem, canvas.root, table.root, details);
attempt(async () => {
  await load();
  canvas.root.focus();
});
