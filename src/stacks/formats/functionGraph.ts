/**
 * The function_graph tracer prints a tree, ` 1) + 12.3 us |  f() {` … `}`, one for each CPU or task, interleaved (kernel/trace/trace_functions_graph.c). Every call that
 * calls nothing more is a stack: itself and the calls it lies in. The indentation says how deep a call is, so that a lost closing brace does no harm.
 */
import type { BlockReader, BlockStack, StackBlock } from "./stackReader";

const call = /^(?<lane>.*?\d+\)[^|]*)\|(?:[^|]*\|)?(?<indent> +)(?<symbol>[A-Za-z_][\w.$]*)(?: \[(?<module>[\w-]+)\])?\(.*\)(?<open> \{|;)/;
const other = /^(?:.*?\d+\)[^|]*\|(?:[^|]*\|)? +(?:\}|\/\*).*|\s*-{5,}\s*|\s*\d+\)\s+\S+-\d+\s+=> .*|#.*|\s*)$/;

interface OpenCall {
  readonly symbol: string;
  readonly module: string | undefined;
  readonly line: number;
  readonly depth: number;
  isLeaf: boolean;
}

class CallTree implements StackBlock {
  private readonly lanes = new Map<string, OpenCall[]>();
  private readonly stacks: BlockStack[] = [];

  add(line: string, number: number): boolean {
    const groups = call.exec(line)?.groups;
    if (!groups) return other.test(line);
    const lane = laneOf(groups["lane"] ?? "");
    const chain = this.lanes.get(lane) ?? [];
    this.lanes.set(lane, chain);
    const depth = (groups["indent"] ?? "").length;
    this.leave(chain, depth);
    const outer = chain.at(-1);
    if (outer) outer.isLeaf = false;
    chain.push({ symbol: groups["symbol"] ?? "", module: groups["module"], line: number, depth, isLeaf: true });
    return true;
  }

  finish(): readonly BlockStack[] {
    for (const chain of this.lanes.values()) this.leave(chain, 0);
    return this.stacks;
  }

  /** Ends every call of the lane that is as deep or deeper. */
  private leave(chain: OpenCall[], depth: number): void {
    for (let last = chain.at(-1); last && last.depth >= depth; last = chain.at(-1)) {
      if (last.isLeaf) this.stacks.push({ frames: chain.map(({ symbol, module, line }) => ({ frame: { symbol, module }, line })).reverse() });
      chain.pop();
    }
  }
}

/** Task where it is printed, else CPU: the columns before it are times. */
const laneOf = (text: string): string => /(\d+\)(?:\s+\S+-\d+)?)/.exec(text)?.[1] ?? "";

export const functionGraph: BlockReader = {
  format: "function-graph",
  start(line, number) {
    if (!call.test(line)) return undefined;
    const tree = new CallTree();
    tree.add(line, number);
    return tree;
  },
};
