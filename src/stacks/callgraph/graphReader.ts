/**
 * Puts calls together from the lines of the function_graph tracer. CPUs and tasks stand interleaved; a task that sleeps within a call goes on later, perhaps on
 * another CPU: so each task has a lane of its own, and of the idle tasks, which all have pid 0, each CPU's. The indentation says how deep a line is, so a lost
 * brace costs only the calls that it ended: they are kept, without a duration. What began before we came, or around lost lines, is counted and not guessed.
 *
 * Interrupts: the tracer marks them by arrows where it knows their entry; where it does not (x86 since 5.8), the functions of the entry are known by name.
 */
import { interruptName, type GraphCall, type GraphRoot } from "./graphCall";
import { parseGraphLine, type GraphLine, type GraphTask } from "./graphLine";

export interface GraphReaderOptions {
  /** Only calls of these are roots; default: whatever is outermost. */
  readonly roots?: ReadonlySet<string>;
  readonly onCall: (root: GraphRoot) => void;
  readonly onLost?: (events: number) => void;
  /** Calls that are kept below one root. Default 20 000. */
  readonly limit?: number;
}

interface OpenCall {
  readonly depth: number;
  readonly call: { -readonly [Key in keyof GraphCall]: GraphCall[Key] } & { readonly calls: GraphCall[] };
}

interface Lane {
  cpu: number;
  readonly task: GraphTask | undefined;
  /** Outermost first. */
  readonly open: OpenCall[];
  kept: number;
  leftOut: number;
}

type CallLine = Extract<GraphLine, { kind: "call" }>;
type ReturnLine = Extract<GraphLine, { kind: "return" }>;

const interruptEntry = /^(?:irq_enter_rcu|irq_enter|irq_exit_rcu|irq_exit|__sysvec_\w+|sysvec_\w+|__common_interrupt|common_interrupt|handle_irq|handle_domain_irq|gic_handle_irq|do_IRQ|smp_\w+_interrupt)$/;

export class GraphReader {
  private readonly lanes = new Map<string, Lane>();
  private incomplete = 0;

  constructor(private readonly options: GraphReaderOptions) {}

  /** @returns whether it is a line of this tracer */
  line(text: string): boolean {
    const line = parseGraphLine(text);
    if (line) this.take(line);
    return line !== undefined;
  }

  /** Roots whose beginning or end was not seen so far. */
  incompleteCalls(): number {
    return this.incomplete;
  }

  /** What is open now will not end here. */
  end(): void {
    for (const lane of this.lanes.values()) this.abandon(lane);
    this.lanes.clear();
  }

  private take(line: GraphLine): void {
    switch (line.kind) {
      case "other": break;
      case "lost": this.takeLost(line.cpu, line.events); break;
      case "interrupt": this.takeInterrupt(this.laneOf(line), line.enters); break;
      case "call": this.takeCall(this.laneOf(line), line); break;
      case "return": this.takeReturn(this.laneOf(line), line); break;
    }
  }

  private laneOf({ cpu, task }: { readonly cpu: number; readonly task?: GraphTask }): Lane {
    const key = task && task.pid !== 0 ? `task ${task.pid}` : `cpu ${cpu}`;
    const lane: Lane = this.lanes.get(key) ?? { cpu, task, open: [], kept: 0, leftOut: 0 };
    lane.cpu = cpu;
    this.lanes.set(key, lane);
    return lane;
  }

  /** Between the lines that are left anything may have begun or ended. */
  private takeLost(cpu: number, events: number): void {
    this.options.onLost?.(events);
    for (const lane of this.lanes.values()) if (lane.cpu === cpu) this.abandon(lane);
  }

  private abandon(lane: Lane): void {
    if (lane.open.length > 0) this.incomplete++;
    lane.open.length = 0;
  }

  private takeInterrupt(lane: Lane, enters: boolean): void {
    const innermost = lane.open.at(-1);
    if (enters && innermost) lane.open.push({ depth: innermost.depth + 0.5, call: { symbol: interruptName, isInterrupt: true, calls: [] } });
    const at = enters ? -1 : lane.open.findLastIndex(({ call }) => call.isInterrupt);
    if (at > 0) this.leave(lane, lane.open[at]?.depth ?? 0);
  }

  private takeCall(lane: Lane, line: CallLine): void {
    this.leave(lane, line.depth);
    if (lane.open.length === 0) {
      const { roots } = this.options;
      if (roots && !roots.has(line.symbol)) return;
      lane.kept = 0;
      lane.leftOut = 0;
    }
    const { symbol, module, args, durationNs, returned } = line;
    const known = { module, args, durationNs, returned };
    const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
    lane.open.push({ depth: line.depth, call: { symbol, ...given, calls: [] } });
    if (line.isLeaf) this.leave(lane, line.depth, line);
  }

  private takeReturn(lane: Lane, line: ReturnLine): void {
    const at = lane.open.findLastIndex(({ depth }) => depth === line.depth);
    const matches = at >= 0 && (line.symbol === undefined || lane.open[at]?.call.symbol === line.symbol);
    if (matches) this.leave(lane, line.depth, line);
    else if (lane.open.length > 0) this.leave(lane, line.depth);
  }

  /** Ends the calls of the lane that are as deep or deeper; `line` is how the outermost of them ended, the others' ends were not seen. */
  private leave(lane: Lane, depth: number, line?: Pick<ReturnLine, "durationNs" | "returned">): void {
    for (let last = lane.open.at(-1); last && last.depth >= depth; last = lane.open.at(-1)) {
      lane.open.pop();
      const { call } = last;
      if (line && last.depth === depth) Object.assign(call, line.durationNs === undefined ? {} : { durationNs: line.durationNs }, line.returned === undefined ? {} : { returned: line.returned });
      if (call.isInterrupt) call.durationNs = sumOf(call.calls);
      const outer = lane.open.at(-1)?.call;
      if (outer) this.keep(lane, outer.calls, call);
      else this.finish(lane, call);
    }
  }

  private keep(lane: Lane, calls: GraphCall[], call: GraphCall): void {
    if (lane.kept >= (this.options.limit ?? 20_000)) {
      lane.leftOut++;
      return;
    }
    lane.kept++;
    const last = calls.at(-1);
    if (!interruptEntry.test(call.symbol)) calls.push(call);
    else if (last?.isInterrupt) calls[calls.length - 1] = interruptOf([...last.calls, call]);
    else calls.push(interruptOf([call]));
  }

  private finish({ cpu, task, leftOut }: Lane, call: GraphCall): void {
    if (call.durationNs === undefined) this.incomplete++;
    else this.options.onCall({ call, cpu, ...(task && { task }), leftOut });
  }
}

const interruptOf = (calls: readonly GraphCall[]): GraphCall => ({ symbol: interruptName, isInterrupt: true, durationNs: sumOf(calls), calls });

const sumOf = (calls: readonly GraphCall[]): number => calls.reduce((sum, { durationNs = 0 }) => sum + durationNs, 0);
