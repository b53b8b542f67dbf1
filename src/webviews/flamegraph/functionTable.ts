import type { FlameGraphData } from "../../protocol/flameGraph";

export interface FunctionRow {
  readonly name: string;
  readonly place: string;
  readonly file?: string;
  readonly line?: number;
  readonly total: number;
  readonly self: number;
  readonly change: number;
}

/** The graph as a table, by function and greatest first. A function that called itself counts its events once. */
export function functionTable({ functions, nodes }: FlameGraphData): readonly FunctionRow[] {
  const rows = new Map<string, { -readonly [K in keyof FunctionRow]: FunctionRow[K] }>();
  const keys = functions.map(({ name, module }) => (module === undefined ? name : `${name} [${module}]`));
  // Until where in the tree an open call of each function reaches.
  const open = new Map<string, number>();
  nodes.function.forEach((index, node) => {
    const { file, line } = functions[index] ?? {};
    const name = keys[index] ?? "";
    const row = rows.get(name) ?? { name, place: file === undefined ? "" : `${file}:${line ?? ""}`, ...(file === undefined ? {} : { file, line: line ?? 1 }), total: 0, self: 0, change: 0 };
    rows.set(name, row);
    row.self += nodes.self[node] ?? 0;
    if (node < (open.get(name) ?? 0)) return;
    open.set(name, node + 1 + (nodes.below[node] ?? 0));
    row.total += nodes.total[node] ?? 0;
    row.change += nodes.change?.[node] ?? 0;
  });
  return [...rows.values()].sort((a, b) => b.total - a.total || b.self - a.self);
}
