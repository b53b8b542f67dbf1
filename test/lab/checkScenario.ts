import type { ScenarioResult, TracedCall } from "./runScenario";
import type { ResetScenario, Scenario, StateScenario } from "./scenarioCatalog";

const symbolOf = (frame: string): string => /^[^+\s]+/.exec(frame)?.[0] ?? "";
/** Compilers name parts of a function after it: tcp_x.isra.0, tcp_x.part.0. */
const isPartOf = (symbol: string, name: string): boolean => symbol === name || symbol.startsWith(`${name}.`);

function hasCallers(call: TracedCall, callers: readonly string[]): boolean {
  let at = 0;
  for (const frame of call.stack) if (at < callers.length && isPartOf(symbolOf(frame), callers[at] ?? "")) at += 1;
  return at === callers.length;
}

function checkReset(scenario: ResetScenario, result: ScenarioResult): string[] {
  const wrong: string[] = [];
  const port = (scenario.fromPort ? result.local : result.remote)?.port;
  if (result.seen !== true) wrong.push("its RST was not seen on the wire");
  if (port !== scenario.port) wrong.push(`the port is ${String(port)}, not ${scenario.port}`);
  if (result.resets?.some((segment) => segment.family !== scenario.family) === true) wrong.push(`an RST is not ${scenario.family}`);
  if (result.traced === undefined) return wrong;
  const calls = result.traced.filter((call) => call.name === scenario.sender);
  if (!calls.some((call) => hasCallers(call, scenario.callers))) {
    wrong.push(`${scenario.sender} was not called from ${scenario.callers.join(" ")}, but: ${result.traced.map((call) => [call.name, ...call.stack.map(symbolOf)].join(" ")).join("; ")}`);
  }
  return wrong;
}

function compare(path: string, expected: unknown, actual: unknown): string[] {
  if (Array.isArray(expected)) return typeof actual === "number" && actual >= Number(expected[0]) ? [] : [`${path} is ${String(actual)}, not at least ${String(expected[0])}`];
  if (typeof expected === "object" && expected !== null) {
    const fields = (typeof actual === "object" && actual !== null ? actual : {}) as Record<string, unknown>;
    return Object.entries(expected).flatMap(([key, value]) => compare(`${path}.${key}`, value, fields[key]));
  }
  return expected === actual ? [] : [`${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
}

const checkState = (scenario: StateScenario, result: ScenarioResult): string[] => compare("observed", scenario.expected, result.observed);

/** What is not as the catalog says; empty when the scenario did what it is for. */
export const checkScenario = (scenario: Scenario, result: ScenarioResult): string[] =>
  scenario.kind === "reset" ? checkReset(scenario, result) : checkState(scenario, result);
