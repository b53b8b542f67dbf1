/** From stacks, or two traces compared, to the columns that the flame graph's page draws. Long work gives way to other work of the extension host. */
import { Slices } from "../../base/slices";
import type { FlameFunction, FlameGraphData, FlameNodes } from "../../protocol/flameGraph";
import { CallTreeBuilder, type CallNode } from "../../stacks/model/callTree";
import { compareTraces, type ComparedNode, type ComparedTrace } from "../../stacks/model/compareTraces";
import { frameLine, frameName, type WeightedFrame, type WeightedStack } from "../../stacks/model/weightedStack";

export interface FlameSource {
  readonly title: string;
  readonly counted: string;
  readonly stacks: readonly WeightedStack[];
}

export interface FlameComparison {
  readonly title: string;
  readonly counted: string;
  readonly before: ComparedTrace & { readonly title: string };
  readonly after: ComparedTrace & { readonly title: string };
}

export async function flameData({ title, counted, stacks }: FlameSource, byLine: boolean, signal?: AbortSignal): Promise<FlameGraphData> {
  const slices = new Slices(signal);
  const builder = new CallTreeBuilder(byLine ? frameLine : frameName);
  for (const stack of stacks) {
    builder.add(stack);
    if (slices.over) await slices.rest();
  }
  const tree = builder.finish();
  return { title, counted, total: tree.total, ...columnsOf(tree.roots) };
}

export function comparedFlameData({ title, counted, before, after }: FlameComparison, byLine: boolean): FlameGraphData {
  const { unit, total, roots, before: totalBefore, after: totalAfter } = compareTraces(before, after, byLine ? frameLine : frameName);
  return { title, counted, total, ...columnsOf(roots), comparison: { before: before.title, after: after.title, unit, totalBefore, totalAfter } };
}

type AnyNode = CallNode | ComparedNode;

function columnsOf(roots: readonly AnyNode[]): { readonly functions: readonly FlameFunction[]; readonly nodes: FlameNodes } {
  const count = countNodes(roots);
  const functions: FlameFunction[] = [];
  const indexes = new Map<string, number>();
  const [parent, of, below] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  const [total, self, change, before] = [new Float64Array(count), new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  let at = 0;
  const indexOf = (frame: WeightedFrame): number => {
    const key = `${frame.inlined ? "~" : ""}${frameLine(frame)}`;
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, functions.length);
    return functions.push(flameFunction(frame)) - 1;
  };
  const visit = (node: AnyNode, caller: number): void => {
    const own = at++;
    parent[own] = caller;
    of[own] = indexOf(node.frame);
    total[own] = node.total;
    if ("self" in node) self[own] = node.self;
    else [self[own], change[own], before[own]] = [node.total - sumOf(node.children), node.change, node.before];
    for (const child of node.children) visit(child, own);
    below[own] = at - own - 1;
  };
  for (const root of roots) visit(root, -1);
  const isCompared = roots[0] !== undefined && "change" in roots[0];
  return { functions, nodes: { parent, function: of, below, total, self, ...(isCompared ? { change, before } : {}) } };
}

const sumOf = (nodes: readonly AnyNode[]): number => nodes.reduce((sum, { total }) => sum + total, 0);
const countNodes = (nodes: readonly AnyNode[]): number => nodes.reduce((sum, { children }) => sum + 1 + countNodes(children), 0);

function flameFunction({ name, module, inlined, source }: WeightedFrame): FlameFunction {
  return { name, ...(module === undefined ? {} : { module }), ...(inlined ? { inlined } : {}), ...(source && { file: source.file, line: source.line }) };
}
