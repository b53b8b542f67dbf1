/** The tracepoints of a kernel, from the `format` files below events/ of tracefs (Documentation/trace/events.rst). */
import { FuzzyList } from "./fuzzyList";

export interface TracepointField {
  readonly name: string;
  /** As C writes it: `__u8 saddr[28]`, `__data_loc char[] name`. */
  readonly declaration: string;
}

export interface Tracepoint {
  /** `tcp:tcp_probe` */
  readonly name: string;
  readonly fields: readonly TracepointField[];
  /** Values that the event prints as words, in the order of the format: number → word. */
  readonly symbols: ReadonlyMap<number, string>;
}

export class Tracepoints {
  readonly list: FuzzyList;

  private constructor(private readonly lines: ReadonlyMap<string, readonly string[]>) {
    this.list = new FuzzyList([...lines.keys()].sort());
  }

  /** @param text lines of all formats, each after its file: `tcp/tcp_probe/format:\tfield:…` */
  static parse(text: string): Tracepoints {
    const lines = new Map<string, string[]>();
    for (const line of text.split("\n")) {
      const match = /^(?:\.\/)?([^/:]+)\/([^/:]+)\/format:(.*)$/.exec(line);
      if (match?.[1] === undefined || match[2] === undefined) continue;
      const name = `${match[1]}:${match[2]}`;
      const known = lines.get(name);
      if (known) known.push(match[3] ?? "");
      else lines.set(name, [match[3] ?? ""]);
    }
    return new Tracepoints(lines);
  }

  has(name: string): boolean {
    return this.lines.has(name);
  }

  get(name: string): Tracepoint | undefined {
    const lines = this.lines.get(name);
    return lines && { name, fields: lines.flatMap(fieldOf), symbols: symbolsOf(lines) };
  }

  get size(): number {
    return this.lines.size;
  }
}

/** Fields before the event's own are of every event and out of a program's reach. */
const common = /^common_/;

function fieldOf(line: string): readonly TracepointField[] {
  const declaration = /^\s*field:([^;]*);/.exec(line)?.[1]?.trim();
  const name = declaration === undefined ? undefined : /(\w+)(?:\[[^\]]*\])*$/.exec(declaration)?.[1];
  return declaration === undefined || name === undefined || common.test(name) ? [] : [{ name, declaration }];
}

function symbolsOf(lines: readonly string[]): ReadonlyMap<number, string> {
  const print = lines.find((line) => line.startsWith("print fmt:")) ?? "";
  return new Map([...print.matchAll(/\{\s*(-?(?:0x[0-9a-f]+|\d+)),\s*"([^"]*)"\s*\}/gi)].map(([, value = "", word = ""]) => [Number(value), word]));
}
