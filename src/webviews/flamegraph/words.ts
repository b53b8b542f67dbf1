import type { FlameModel } from "./flameModel";

export const percent = (part: number, whole: number): string => (whole <= 0 ? "0 %" : `${((part / whole) * 100).toFixed(part * 100 < whole * 10 ? 1 : 0)} %`);

/** Rates of a comparison: events a second, or shares of their trace. */
export const rateText = (rate: number, unit: "per second" | "share"): string => (unit === "share" ? `${(rate * 100).toFixed(1)} %` : `${rate.toFixed(rate < 10 ? 2 : 0)}/s`);

/** All about one node, for the line below the graph and for screen readers. */
export function describeNode(model: FlameModel, node: number): string {
  const { data } = model;
  if (!data || node < 0) return "";
  const { file, line, inlined } = model.functionOf(node);
  const { comparison, counted, nodes } = data;
  const total = model.total(node);
  const numbers = comparison
    ? `${nodes.before?.[node] ?? 0} before, ${total - (nodes.before?.[node] ?? 0)} after, ${model.change(node) >= 0 ? "+" : "−"}${rateText(Math.abs(model.change(node)), comparison.unit)}`
    : `${total} ${counted}, ${percent(total, data.total)}${model.self(node) > 0 ? `, ${model.self(node)} end here` : ""}`;
  return [`${model.label(node)}${inlined ? " (inlined)" : ""}`, numbers, ...(file === undefined ? [] : [`${file}:${line ?? ""}`])].join(" · ");
}
