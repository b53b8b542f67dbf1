import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { join } from "node:path";
import { DomainError } from "../../src/base/errors";
import { digest } from "./buildStep";
import { inGuest, sshArgv, tryInGuest } from "./guestControl";
import { requireState, type LabState } from "./labState";
import { runTool } from "./runTool";
import { scenarios, type Scenario } from "./scenarioCatalog";
import { targetState } from "./targetState";
import { rebootLab } from "./upLab";

/** A run of several takes a second or two for each; a busy machine is slower. */
const limitMs = (count: number): number => 60_000 + count * 6000;

export interface LabEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface LabSegment {
  readonly family: "ipv4" | "ipv6";
  readonly source: LabEndpoint;
  readonly destination: LabEndpoint;
  readonly flags: readonly string[];
  readonly seq: number;
  readonly ack: number;
}

/** A call of a function that sends resets, or a dropped packet, as tracefs saw it. Frames are `symbol+0xoffset/0xsize`, innermost first. */
export interface TracedCall {
  readonly name: string;
  readonly text: string;
  readonly process: string;
  readonly pid: number;
  readonly stack: readonly string[];
}

/** What truly happened, said by the program in the target. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly release: string;
  /** Resets: who sent it, to whom, and whether that RST was seen on the wire. */
  readonly local?: LabEndpoint;
  readonly remote?: LabEndpoint;
  readonly seen?: boolean;
  /** All RSTs the target sent meanwhile. */
  readonly resets?: readonly LabSegment[];
  readonly listener?: readonly [string, number];
  readonly observed: Readonly<Record<string, unknown>>;
  /** Only when asked for with `trace`. */
  readonly traced?: readonly TracedCall[];
}

export interface ScenarioOptions {
  /** Also trace who sent resets, with stacks, by tracefs. */
  readonly trace?: boolean;
}

export interface HeldScenario {
  readonly result: ScenarioResult;
  /** Puts the target back and waits until that is done (a reboot where nothing less helps). */
  end(): Promise<void>;
}

export function findScenario(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new DomainError("lab/unknown-scenario", `no scenario ${name}; see: npm run lab -- scenario --list`, name);
  return found;
}

let packed: Promise<string> | undefined;

/** The guest programs as a base64 tar; small enough for a command line, so stdin stays free. */
const packPrograms = (): Promise<string> =>
  (packed ??= runTool(["sh", "-c", "tar -c --exclude=__pycache__ --sort=name --mtime=@0 --owner=0 --group=0 . | gzip -9n | base64 -w 0"], { cwd: join(import.meta.dirname, "guest") }));

async function programLine(args: readonly string[]): Promise<string> {
  const programs = await packPrograms();
  const folder = `/run/knetscope-lab/${digest(programs)}`;
  const unpack = `[ -d ${folder} ] || { mkdir -p ${folder}.part && echo ${programs} | base64 -d | tar -xz -C ${folder}.part && mv ${folder}.part ${folder}; }`;
  return `${unpack} && exec python3 ${folder}/run.py ${args.join(" ")}`;
}

const commandLine = (scenario: Scenario, flags: readonly string[]): Promise<string> => programLine([scenario.name, String(scenario.port), ...flags]);

/** Names of the scenarios that the guest programs know, sorted. */
export const guestScenarios = async (target: string): Promise<readonly string[]> =>
  JSON.parse(await inGuest(requireState(target), await programLine(["--list"]))) as string[];

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

async function firstLine(child: Child, scenario: Scenario): Promise<ScenarioResult> {
  const words: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => words.push(chunk));
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as ScenarioResult;
  await ended(child);
  throw new DomainError("lab/scenario-failed", `${scenario.name} failed: ${Buffer.concat(words).toString().trim()}`, scenario.name);
}

async function ended(child: Child): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

function start(state: LabState, line: string): Child {
  const [program = "ssh", ...args] = sshArgv(state, [line]);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  return child;
}

async function undo(scenario: Scenario, child: Child, target: string): Promise<void> {
  child.stdin.end();
  await ended(child);
  if (scenario.kind !== "reset" && scenario.needsReboot === true) await rebootLab(target);
  else if (child.exitCode !== 0) throw new DomainError("lab/scenario-failed", `${scenario.name} did not put ${target} back (status ${String(child.exitCode)})`, scenario.name);
}

/** Runs a scenario on a running target (`6.1`, `6.12` or the name given at `up`) and leaves its state there until `end`, at most `seconds`. */
export async function holdScenario(name: string, target: string, seconds = 300, options: ScenarioOptions = {}): Promise<HeldScenario> {
  const scenario = findScenario(name);
  const flags = [...(options.trace === true ? ["--trace"] : []), "--hold", String(seconds)];
  const child = start(requireState(target), await commandLine(scenario, flags));
  const result = await firstLine(child, scenario);
  return { result, end: () => undo(scenario, child, target) };
}

/** Runs a scenario on a running target, puts the target back, and returns what happened. */
export async function runScenario(name: string, target: string, options: ScenarioOptions = {}): Promise<ScenarioResult> {
  const scenario = findScenario(name);
  const child = start(requireState(target), await commandLine(scenario, options.trace === true ? ["--trace"] : []));
  const result = await firstLine(child, scenario);
  await undo(scenario, child, target);
  return result;
}

/** Runs several scenarios one after the other over one connection, in half the time; by name, with what failed as an error. None may need a reboot. */
export async function runScenarios(names: readonly string[], target: string, options: ScenarioOptions = {}): Promise<ReadonlyMap<string, ScenarioResult | DomainError>> {
  const items = names.map((name) => `${name}:${findScenario(name).port}`);
  const state = requireState(target);
  const { code, stdout, stderr } = await tryInGuest(state, await programLine(["--each", ...items, ...(options.trace === true ? ["--trace"] : [])]), { timeoutMs: limitMs(names.length) });
  const results = new Map(stdout.split("\n").filter((line) => line.endsWith("}")).map((line) => resultOf(JSON.parse(line) as ScenarioLine)));
  const under = names.find((name) => !results.has(name));
  if (under === undefined) return results;
  throw new DomainError("lab/scenario-failed", `${results.size} of ${names.length} scenarios were run; ${under} ended with ${String(code)}: ${stderr.trim()}\n${await targetState(state)}`, under);
}

type ScenarioLine = ScenarioResult & { readonly error?: string };

const resultOf = (line: ScenarioLine): [string, ScenarioResult | DomainError] => [line.scenario, line.error === undefined ? line : new DomainError("lab/scenario-failed", line.error, line.scenario)];
