import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "../../src/base/errors";
import { checkScenario } from "./checkScenario";
import { findScenario, holdScenario, runScenario, type ScenarioResult } from "./runScenario";
import { scenarios, type Scenario } from "./scenarioCatalog";

export interface ScenarioArguments {
  readonly list: boolean;
  readonly trace: boolean;
  readonly holdSeconds: number;
}

const truth = (scenario: Scenario): string => (scenario.kind === "reset" ? `${scenario.reset}, ${scenario.cause}` : scenario.kind);

function list(): number {
  for (const scenario of scenarios) console.log(`${scenario.name.padEnd(32)}${String(scenario.port).padEnd(6)}${truth(scenario).padEnd(34)}${scenario.title}`);
  return 0;
}

async function held(scenario: Scenario, target: string, options: ScenarioArguments): Promise<ScenarioResult> {
  const run = await holdScenario(scenario.name, target, options.holdSeconds, options);
  console.error(`${scenario.name} lasts ${options.holdSeconds} s`);
  console.log(JSON.stringify(run.result));
  await sleep(options.holdSeconds * 1000);
  await run.end();
  return run.result;
}

async function one(scenario: Scenario, target: string, options: ScenarioArguments): Promise<boolean> {
  const result = options.holdSeconds > 0 ? await held(scenario, target, options) : await runScenario(scenario.name, target, options);
  const wrong = checkScenario(scenario, result);
  if (options.holdSeconds === 0) console.log(JSON.stringify({ kind: scenario.kind, ...(scenario.kind === "reset" ? { cause: scenario.cause, reset: scenario.reset } : {}), ...result, ok: wrong.length === 0 }));
  for (const line of wrong) console.error(`${scenario.name}: ${line}`);
  return wrong.length === 0;
}

async function all(target: string, options: ScenarioArguments): Promise<number> {
  const failed: string[] = [];
  for (const scenario of scenarios) {
    const ok = await one(scenario, target, options).catch((error: unknown) => {
      console.error(describeError(error));
      return false;
    });
    if (!ok) failed.push(scenario.name);
  }
  console.error(`${scenarios.length - failed.length} of ${scenarios.length} scenarios as they should be${failed.length === 0 ? "" : `; not: ${failed.join(", ")}`}`);
  return failed.length === 0 ? 0 : 1;
}

/** `scenario --list | NAME | all`: one JSON line a scenario on stdout; status 1 when something was not as the catalog says. */
export async function scenarioCommand(names: readonly string[], target: string, options: ScenarioArguments): Promise<number> {
  if (options.list || names.length === 0) return list();
  if (names[0] === "all") return all(target, options);
  let ok = true;
  for (const name of names) ok = (await one(findScenario(name), target, options)) && ok;
  return ok ? 0 : 1;
}
