/**
 * One line of the function_graph tracer (kernel/trace/trace_functions_graph.c):
 *
 *      0)    sshd-228    | + 38.236 us   |    lock_sock_nested() {
 *
 * CPU, task, duration with a mark (`+` more than 10 µs, `!` 100 µs, `#` 1 ms, `*` 10 ms, `@` 100 ms, `$` 1 s), then the call, two blanks a level. A time may stand
 * before it and flags before the duration. What a function returned stands behind it since 6.5 (`= 0x0`), since 6.13 as `ret=0x0` with the caller, if asked for.
 */

export interface GraphTask {
  /** At most seven characters: the tracer cuts names. */
  readonly comm: string;
  readonly pid: number;
}

interface Placed {
  readonly cpu: number;
  /** Absent when the column is (funcgraph-proc). */
  readonly task?: GraphTask;
}

export type GraphLine =
  | (Placed & {
      readonly kind: "call";
      /** Levels from the left, from 0. */
      readonly depth: number;
      readonly symbol: string;
      readonly module?: string;
      /** As the kernel prints them. */
      readonly args?: string;
      /** It called nothing that was traced, and is over. */
      readonly isLeaf: boolean;
      readonly durationNs?: number;
      readonly returned?: string;
    })
  | (Placed & { readonly kind: "return"; readonly depth: number; readonly symbol?: string; readonly durationNs?: number; readonly returned?: string })
  | (Placed & { readonly kind: "interrupt"; readonly enters: boolean })
  | { readonly kind: "lost"; readonly cpu: number; readonly events: number }
  /** Headings, switches of tasks, comments: nothing of a call. */
  | { readonly kind: "other" };

const columns = /^(?:\s*[\d.]+ +\|)?\s*(?<cpu>\d+)\)\s+(?:(?<comm>\S.*?|)-(?<pid>\d+)\s+\|)?(?:\s+[\w.#]{4,8}\s*\|)?\s*(?:[$@*#!+]\s+)?(?:(?<us>\d+(?:\.\d+)?) us|(?<irq>==+>|<==+)|)\s*\|(?<body>.*)$/;
const call = /^(?<symbol>[A-Za-z_][\w.$]*)(?: \[(?<module>[\w-]+)\])?\((?<args>.*)\)(?:;| \{)/;
const ending = /^\}(?:\s+\/\*\s+(?<symbol>[A-Za-z_][\w.$]*))?/;
// In a comment: `= 0x0`, `ret=0x0`, or `<-caller+0x1 ret=0x0`; that of a closing brace begins with the function's name.
const returning = /\/\*.*(?:ret|\s)=\s*(?<value>-?\w+)\s*\*\/$/;
const lost = /^CPU:(\d+) \[LOST (\d+) EVENTS\]/;
const heading = /^\s*(?:#.*|-{5,}|\d+\)\s+.*-\d+\s+=>\s+.*-\d+)?\s*$/;

/** @returns undefined: no line of this tracer */
export function parseGraphLine(text: string): GraphLine | undefined {
  const missing = lost.exec(text);
  if (missing) return { kind: "lost", cpu: Number(missing[1]), events: Number(missing[2]) };
  if (heading.test(text)) return { kind: "other" };
  const groups = columns.exec(text)?.groups;
  if (!groups) return undefined;
  const { cpu = "", comm, pid, us, irq, body = "" } = groups;
  const placed: Placed = { cpu: Number(cpu), ...(pid === undefined ? {} : { task: { comm: comm ?? "", pid: Number(pid) } }) };
  if (irq !== undefined) return { ...placed, kind: "interrupt", enters: irq.endsWith(">") };
  return parseBody(placed, body, us === undefined ? {} : { durationNs: Math.round(Number(us) * 1000) });
}

function parseBody(placed: Placed, body: string, duration: { readonly durationNs?: number }): GraphLine {
  const text = body.trim();
  const depth = Math.max(0, Math.floor((body.length - body.trimStart().length - 2) / 2));
  const value = returning.exec(text)?.groups?.["value"];
  const returned = value === undefined ? {} : { returned: value };
  const made = call.exec(text)?.groups;
  if (made) {
    const { symbol = "", module, args = "" } = made;
    return { ...placed, kind: "call", depth, symbol, ...(module === undefined ? {} : { module }), ...(args === "" ? {} : { args }), isLeaf: !/\) \{/.test(text), ...duration, ...returned };
  }
  const ended = ending.exec(text);
  if (!ended) return { kind: "other" };
  const symbol = ended.groups?.["symbol"];
  return { ...placed, kind: "return", depth, ...(symbol === undefined ? {} : { symbol }), ...duration, ...returned };
}
