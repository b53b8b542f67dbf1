/**
 * Every scenario of the lab that resets a connection, on each kernel, with each tool that can see it: is the first answer the right one? The truth is the
 * catalog's, which the scenario itself has checked on the wire. Sources and debuginfo are at hand, as for a user who has them.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "../../src/base/errors";
import { traceTools, type TraceTool } from "../../src/collectors/traces/traceRequest";
import type { ResetEvent } from "../../src/collectors/traces/resetModel";
import type { TraceGroup } from "../../src/collectors/traces/traceModel";
import type { HostTrace } from "../../src/session/host";
import { downLab } from "../lab/downLab";
import { inGuest } from "../lab/guestControl";
import { fullKernels, type FullKernel } from "../lab/labKernel";
import { runScenario } from "../lab/runScenario";
import { resetScenarios, type ResetScenario } from "../lab/scenarioCatalog";
import { tracedHost, type TracedHost } from "../lab/tracedHost";

/** How long a slow target may take to hand an event over, and how often we look. Milliseconds. */
const patience = 20_000;
const pause = 500;

interface Answer {
  readonly text: string;
  readonly right: boolean;
}

type Counts = ReadonlyMap<string, number>;

const countsOf = (trace: HostTrace): Counts => new Map(trace.groups().map(({ key, count }) => [key, count]));
const since = (trace: HostTrace, before: Counts): readonly TraceGroup[] => trace.groups().filter(({ key, count }) => count > (before.get(key) ?? 0));

/** The reset that the scenario is for; others may go out beside it. */
function isOf(group: TraceGroup, { sender, port }: ResetScenario): boolean {
  const { socket, packet, stack } = group.event as ResetEvent;
  const ports = [socket?.local.port, socket?.remote.port, packet?.source.port, packet?.destination.port];
  return stack[0]?.symbol === sender && (socket === undefined && packet === undefined ? true : ports.includes(port));
}

/** What NAT passed over is told more exactly than the catalog does, while the connection lasts. */
const isRight = (cause: string, scenario: ResetScenario): boolean => cause === scenario.cause || (scenario.name === "conntrack-invalid" && cause === "nat-not-applied");

function answerOf(groups: readonly TraceGroup[], scenario: ResetScenario): Answer {
  const own = groups.filter((group) => isOf(group, scenario));
  const first = own.find(({ explanation }) => isRight(explanation.cause.id, scenario)) ?? own[0];
  if (!first) return { text: "not seen", right: false };
  const { id, confidence } = first.explanation.cause;
  return { text: `${isRight(id, scenario) ? "✔" : `✘ ${id}`}${confidence === "low" ? " (uncertain)" : ""}`, right: isRight(id, scenario) };
}

async function start({ host }: TracedHost, tool: TraceTool): Promise<HostTrace | undefined> {
  try {
    return await host.trace({ kind: "resets", tool });
  } catch (error) {
    console.log(`  ${tool}: ${describeError(error)}`);
    return undefined;
  }
}

async function ofKernel(kernel: FullKernel, tools: readonly TraceTool[]): Promise<void> {
  const name = `causes-${kernel}`;
  const lab = await tracedHost(kernel, name);
  try {
    await inGuest(lab.state, "modprobe nf_reject_ipv4");
    const started = await Promise.all(tools.map(async (tool) => ({ tool, trace: await start(lab, tool) })));
    const traces = started.flatMap(({ tool, trace }) => (trace ? [{ tool, trace, right: 0 }] : []));
    console.log(`\nKernel ${kernel}: ${"scenario".padEnd(28)}${traces.map(({ tool }) => tool.padEnd(34)).join("")}`);
    for (const scenario of resetScenarios) {
      const before = traces.map(({ trace }) => countsOf(trace));
      await runScenario(scenario.name, name);
      const look = (): readonly Answer[] => traces.map(({ trace }, index) => answerOf(since(trace, before[index]!), scenario));
      const end = Date.now() + patience;
      while (look().some(({ right }) => !right) && Date.now() < end) await sleep(pause);
      const answers = look();
      answers.forEach(({ right }, index) => (traces[index]!.right += right ? 1 : 0));
      console.log(`            ${scenario.name.padEnd(28)}${answers.map(({ text }) => text.padEnd(34)).join("")}`.trimEnd());
    }
    console.log(`            ${"right first".padEnd(28)}${traces.map(({ right }) => `${right} of ${resetScenarios.length}`.padEnd(34)).join("")}`);
  } finally {
    await lab.host.dispose();
    await downLab(name);
  }
}

/** Tools of this kind of trace only; what cannot run says why. */
export async function showCauses(kernels: readonly FullKernel[] = fullKernels): Promise<void> {
  const tools = traceTools.filter((tool) => ["bpftrace", "perf", "ftrace"].includes(tool));
  console.log("\nCauses of resets: the first answer against what truly happened");
  for (const kernel of kernels) await ofKernel(kernel, tools);
}
