import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Explanation } from "../../src/knowledge/cause";
import { explainReset } from "../../src/knowledge/explainReset";
import { explainStack } from "../../src/knowledge/explainStack";
import type { ResetFacts } from "../../src/knowledge/resetFacts";
import { explainText } from "../../src/session/explainText";
import { parseStacks } from "../../src/stacks/parseStacks";
import { resetScenarios } from "../lab/scenarioCatalog";

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, `../fixtures/resets/${name}`), "utf8");
const truth = new Map<string, string>(resetScenarios.map(({ name, cause }) => [name, cause]));

interface Answer {
  readonly scenario: string;
  readonly cause: string | undefined;
  readonly explanation: Explanation<string> | undefined;
}

interface Recorded {
  readonly scenario: string;
  readonly cause: string;
  readonly event: ResetFacts;
  readonly stack: readonly string[];
}

const recorded = (kernel: string): readonly Recorded[] => JSON.parse(fixture(`${kernel}.json`)) as readonly Recorded[];
const frames = (stack: readonly string[]) => stack.map((frame) => ({ symbol: frame.split("+")[0] ?? "", frames: [] }));

const right = ({ cause, explanation }: Answer): boolean => explanation?.cause.id === cause;
const confidentlyWrong = (answer: Answer): boolean => answer.explanation !== undefined && answer.explanation.cause.confidence !== "low" && !right(answer);

/** The share of right first answers, in words, and none that is wrong and sure of it. */
function check(name: string, answers: () => Promise<readonly Answer[]>, least: number, figure: string): void {
  it(`${name}: ${figure} right`, async () => {
    const all = await answers();
    assert.deepEqual(all.filter(confidentlyWrong).map(({ scenario, explanation }) => `${scenario}: ${explanation?.cause.id ?? ""}`), []);
    assert.equal(`${all.filter(right).length} of ${all.length}`, figure, all.filter((answer) => !right(answer)).map(({ scenario, explanation }) => `${scenario}: ${explanation?.cause.id ?? "none"}`).join(", "));
    assert.ok(all.filter(right).length >= least * all.length);
    for (const { scenario, cause, explanation } of all) assert.ok(explanation && [explanation.cause.id, ...explanation.alternatives].some((id) => id === cause), scenario);
  });
}

const scenariosOf = (text: string): readonly string[] => [...text.matchAll(/^# scenario (.*)$/gm)].map((match) => match[1] ?? "");

describe("causes of recorded resets", () => {
  for (const [kernel, figure] of [["6.1", "32 of 32"], ["6.12", "31 of 31"]] as const) {
    check(`${kernel}, a trace`, () => Promise.resolve(recorded(kernel).map(({ scenario, cause, event, stack }) => ({ scenario, cause, explanation: explainReset(event, frames(stack)) }))), 0.95, figure);
  }

  check("6.18, as ftrace prints the kernel's event", async () => {
    const text = fixture("6.18.txt");
    const explained = await explainText(text, {});
    return scenariosOf(text).map((scenario, index) => ({ scenario, cause: truth.get(scenario), explanation: explained[index]?.explanation }));
  }, 0.95, "21 of 22");

  // Names of functions and nothing else: what cannot be told is said with low confidence.
  for (const [kernel, figure] of [["6.1", "20 of 32"], ["6.12", "19 of 31"]] as const) {
    check(`${kernel}, names of the stack alone`, () => Promise.resolve(recorded(kernel).map(({ scenario, cause, stack }) => ({ scenario, cause, explanation: explainStack(frames(stack)) }))), 0.5, figure);
  }
  check("6.18, names of the stack alone", () => {
    const text = fixture("6.18.txt");
    const { stacks } = parseStacks(text);
    return Promise.resolve(scenariosOf(text).map((scenario, index) => ({ scenario, cause: truth.get(scenario), explanation: explainStack(frames((stacks[index]?.frames ?? []).map(({ symbol }) => symbol ?? ""))) })));
  }, 0.5, "14 of 22");
});
