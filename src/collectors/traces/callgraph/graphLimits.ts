import { DomainError } from "../../../base/errors";
import { durationText } from "../../../stacks/callgraph/callTotals";
import type { GraphLimits } from "./graphModel";

/** In short, for headings: `depth 3 · cpu 1 · slower than 100 µs`. */
export function graphLimitWords({ depth, cpu, comm, without, slowerThanNs }: GraphLimits): readonly string[] {
  return [
    ...(depth === undefined ? [] : [depth === 0 ? "any depth" : `depth ${depth}`]),
    ...(cpu === undefined ? [] : [`cpu ${cpu}`]),
    ...(comm === undefined ? [] : [comm]),
    ...(slowerThanNs === undefined ? [] : [`at least ${durationText(slowerThanNs)}`]),
    ...(without === undefined || without.length === 0 ? [] : [`without ${without.join(", ")}`]),
  ];
}

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9 };

/** `100us`, `2.5ms` in nanoseconds; undefined when it is no such time. */
export function parseNanoseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(ns|us|µs|ms|s)$/.exec(text.trim());
  return match ? Math.round(Number(match[1]) * (units[match[2] ?? ""] ?? 1)) : undefined;
}

export type GraphChoice = GraphLimits & { readonly pid?: number };

/**
 * What a person types behind the function: `depth=3 cpu=1 comm=nginx pid=812 slower=100us without=kfree,schedule`.
 *
 * @throws DomainError `trace/bad-limits` with the word that is not understood
 */
export function parseGraphLimits(text: string): GraphChoice {
  return Object.assign({}, ...text.split(/\s+/).filter((word) => word !== "").map(parseLimit)) as GraphChoice;
}

function parseLimit(word: string): GraphChoice {
  const [key, value = ""] = word.split("=", 2);
  const whole = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  const time = parseNanoseconds(value);
  if ((key === "depth" || key === "cpu" || key === "pid") && whole !== undefined) return { [key]: whole };
  if (key === "comm" && value !== "") return { comm: value };
  if (key === "without" && isNameList(value)) return { without: value.split(",") };
  if (key === "slower" && time !== undefined) return { slowerThanNs: time };
  throw new DomainError("trace/bad-limits", `not understood: ${word}`);
}

export const isNameList = (text: string): boolean => /^[\w.*]+(?:,[\w.*]+)*$/.test(text);
