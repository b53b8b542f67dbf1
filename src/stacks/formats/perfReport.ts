/**
 * The call graphs of `perf report --stdio`, drawn as a tree: `---f` begins one, names below each other are a chain, `|--12.00%--g` parts it
 * (tools/perf/ui/stdio/hist.c). Columns tell which branch a name belongs to. Innermost first, but with --children (a column
 * of that name in the heading) outermost first. Counts are hundredths of a percent: the text has nothing better.
 */
import type { BlockReader, BlockStack, StackBlock } from "./stackReader";

const start = /^(?<space>\s+)---(?<symbol>\S.*?)\s*$/;
const branch = /^(?<space>[\s|]+?)(?:\||-|\s)--(?<percent>\d+(?:\.\d+)?)%--(?<symbol>\S.*?)\s*$/;
const name = /^(?<space>[\s|]+)(?<symbol>[^\s|].*?)\s*$/;
const heading = /^# Children\s/;
const sample = /^\s{0,8}(?<first>\d+\.\d+)%(?:\s+(?<second>\d+\.\d+)%)?\s/;

interface Branch {
  readonly column: number;
  readonly percent: number;
  readonly names: { readonly symbol: string; readonly line: number }[];
  hasBranches: boolean;
}

class CallGraphs implements StackBlock {
  private outermostFirst = false;
  private percent = 0;
  private branches: Branch[] = [];
  private readonly stacks: BlockStack[] = [];

  add(line: string, number: number): boolean {
    if (heading.test(line)) this.outermostFirst = true;
    if (/^#|^\s*$|^[\s|]+$/.test(line)) return true;
    const head = sample.exec(line)?.groups;
    if (head) {
      this.leave(0);
      this.percent = Number(head["second"] ?? head["first"]);
      return true;
    }
    const part = branch.exec(line)?.groups;
    if (part) return this.open(line, number, part["symbol"] ?? "", Number(part["percent"]));
    const first = start.exec(line)?.groups;
    if (first) return this.open(line, number, first["symbol"] ?? "", this.percent);
    const symbol = name.exec(line)?.groups?.["symbol"];
    const open = this.branches.at(-1);
    if (symbol === undefined || !open || line.lastIndexOf(symbol) < open.column) return false;
    open.names.push({ symbol, line: number });
    return true;
  }

  finish(): readonly BlockStack[] {
    this.leave(0);
    return this.stacks;
  }

  private open(line: string, number: number, symbol: string, percent: number): boolean {
    const column = line.lastIndexOf(symbol);
    this.leave(column);
    const outer = this.branches.at(-1);
    if (outer) outer.hasBranches = true;
    this.branches.push({ column, percent, names: [{ symbol, line: number }], hasBranches: false });
    return true;
  }

  private leave(column: number): void {
    for (let last = this.branches.at(-1); last && last.column >= column; last = this.branches.at(-1)) {
      if (!last.hasBranches) this.keep(last.percent);
      this.branches.pop();
    }
  }

  private keep(percent: number): void {
    const names = this.branches.flatMap((part) => part.names);
    const frames = names.filter(({ symbol }) => /^[A-Za-z_][\w.$]*$/.test(symbol)).map(({ symbol, line }) => ({ frame: { symbol }, line }));
    const stack = withoutProgram(this.outermostFirst ? frames.reverse() : frames);
    if (stack.length > 0) this.stacks.push({ frames: stack, count: Math.round(percent * 100) });
  }
}

type Frames = BlockStack["frames"];

/** What called into the kernel is not of it; names alone do not tell, but the way in does. */
function withoutProgram(frames: Frames): Frames {
  const entry = frames.findIndex(({ frame }) => /^(?:entry_SYSCALL|entry_INT80|el0t?_|ret_from_fork|vectors?$)/.test(frame.symbol ?? ""));
  return entry < 0 ? frames : frames.slice(0, entry + 1);
}

export const perfReport: BlockReader = {
  format: "perf-report",
  start(line, number) {
    if (!heading.test(line) && !/^# Overhead\s/.test(line) && !start.test(line)) return undefined;
    const graphs = new CallGraphs();
    graphs.add(line, number);
    return graphs;
  },
};
