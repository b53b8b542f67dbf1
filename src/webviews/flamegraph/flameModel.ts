/**
 * What is to be drawn of a flame graph: boxes of the nodes that are wide enough to be seen, below the node that is zoomed in. Pure; the page only paints.
 * A node's children lie side by side under it from its left edge, so a node's place follows from those before it. Subtrees too narrow to be seen
 * are stepped over whole, so drawing costs what is visible and not what there is.
 */
import type { FlameFunction, FlameGraphData } from "../../protocol/flameGraph";

export interface FlameBox {
  readonly node: number;
  /** Pixels from the left edge. */
  readonly x: number;
  readonly width: number;
  /** 0 is the topmost row. */
  readonly row: number;
}

/** Narrower boxes are not drawn. */
const leastWidth = 0.6;

export class FlameModel {
  private starts: Float64Array = new Float64Array(0);
  private rows: Int32Array = new Int32Array(0);
  private matching: Uint8Array = new Uint8Array(0);
  private zoomed = -1;
  private text = "";
  greatestChange = 0;
  private shown: FlameGraphData | undefined;

  get data(): FlameGraphData | undefined {
    return this.shown;
  }

  /** The node that fills the width; −1: all of them together. */
  get zoom(): number {
    return this.zoomed;
  }

  get size(): number {
    return this.shown?.nodes.total.length ?? 0;
  }

  /** Keeps the zoom where the same chain of functions is still there. */
  setData(data: FlameGraphData): void {
    const path = this.zoomed < 0 ? [] : this.path(this.zoomed).map((node) => this.label(node));
    this.shown = data;
    this.layOut(data);
    this.zoomed = this.find(path);
    this.setSearch(this.text);
  }

  functionOf(node: number): FlameFunction {
    const { shown } = this;
    return shown?.functions[shown.nodes.function[node] ?? -1] ?? { name: "" };
  }

  label(node: number): string {
    const { name, module } = this.functionOf(node);
    return module === undefined ? name : `${name} [${module}]`;
  }

  total = (node: number): number => (node < 0 ? (this.shown?.total ?? 0) : (this.shown?.nodes.total[node] ?? 0));
  self = (node: number): number => this.shown?.nodes.self[node] ?? 0;
  change = (node: number): number => this.shown?.nodes.change?.[node] ?? 0;
  row = (node: number): number => this.rows[node] ?? 0;
  parent = (node: number): number => this.shown?.nodes.parent[node] ?? -1;
  isMatch = (node: number): boolean => this.matching[node] === 1;

  children(node: number): readonly number[] {
    const found: number[] = [];
    const end = node < 0 ? this.size : node + 1 + this.below(node);
    for (let child = node + 1; child < end; child += 1 + this.below(child)) found.push(child);
    return found;
  }

  /** From the outermost function to the node itself. */
  path(node: number): readonly number[] {
    const path: number[] = [];
    for (let at = node; at >= 0; at = this.parent(at)) path.push(at);
    return path.reverse();
  }

  zoomTo(node: number): void {
    this.zoomed = node;
  }

  /** Any case; several words must all be in the name. @returns how many nodes match, and how much they hold together, each event once */
  setSearch(text: string): { readonly nodes: number; readonly total: number } {
    this.text = text;
    const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const functions = (this.shown?.functions ?? []).map(({ name, module, file }) => {
      const own = `${name} ${module ?? ""} ${file ?? ""}`.toLowerCase();
      return words.length > 0 && words.every((word) => own.includes(word));
    });
    this.matching = Uint8Array.from(this.shown?.nodes.function ?? [], (index) => (functions[index] ? 1 : 0));
    return this.summary();
  }

  /** The match after or before a node, in the order of the tree; round the end. */
  nextMatch(from: number, step: 1 | -1): number | undefined {
    for (let tried = 1; tried <= this.size; tried++) {
      const node = (((from + step * tried) % this.size) + this.size) % this.size;
      if (this.isMatch(node)) return node;
    }
    return undefined;
  }

  get depth(): number {
    return this.rows.reduce((deepest, row) => Math.max(deepest, row + 1), 0);
  }

  boxes(width: number): readonly FlameBox[] {
    const boxes: FlameBox[] = this.path(this.zoomed).map((node, row) => ({ node, x: 0, width, row }));
    const all = this.total(this.zoomed);
    if (all <= 0) return boxes;
    const origin = this.zoomed < 0 ? 0 : (this.starts[this.zoomed] ?? 0);
    const end = this.zoomed < 0 ? this.size : this.zoomed + 1 + this.below(this.zoomed);
    for (let node = this.zoomed + 1; node < end; node++) {
      const own = (this.total(node) / all) * width;
      if (own < leastWidth) node += this.below(node);
      else boxes.push({ node, x: (((this.starts[node] ?? 0) - origin) / all) * width, width: own, row: this.row(node) });
    }
    return boxes;
  }

  private below(node: number): number {
    return this.shown?.nodes.below[node] ?? 0;
  }

  private layOut({ nodes, total }: FlameGraphData): void {
    const size = nodes.total.length;
    this.starts = new Float64Array(size);
    this.rows = new Int32Array(size);
    const filled = new Float64Array(size);
    let [end, greatest] = [0, 0];
    for (let node = 0; node < size; node++) {
      const caller = nodes.parent[node] ?? -1;
      const own = nodes.total[node] ?? 0;
      this.rows[node] = caller < 0 ? 0 : (this.rows[caller] ?? 0) + 1;
      this.starts[node] = caller < 0 ? end : (this.starts[caller] ?? 0) + (filled[caller] ?? 0);
      if (caller < 0) end += own;
      else filled[caller] = (filled[caller] ?? 0) + own;
      greatest = Math.max(greatest, Math.abs(nodes.change?.[node] ?? 0));
    }
    this.greatestChange = total > 0 ? greatest : 0;
  }

  private find(path: readonly string[]): number {
    let at = -1;
    for (const label of path) {
      const next = this.children(at).find((child) => this.label(child) === label);
      if (next === undefined) return -1;
      at = next;
    }
    return at;
  }

  private summary(): { readonly nodes: number; readonly total: number } {
    let [nodes, total] = [0, 0];
    for (let node = 0, covered = 0; node < this.size; node++) {
      if (!this.isMatch(node)) continue;
      nodes++;
      if (node < covered) continue;
      total += this.total(node);
      covered = node + 1 + this.below(node);
    }
    return { nodes, total };
  }
}
