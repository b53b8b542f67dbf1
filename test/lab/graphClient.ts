/** A process of its own that draws a call graph on a target, to be killed: `graphClient.ts TARGET FUNCTION`. Prints `tracing` once it is attached. */
import { setInterval } from "node:timers";
import { traceCallGraph } from "../../src/collectors/traces/callgraph/traceCallGraph";
import { startTrace } from "../../src/collectors/traces/startTrace";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { connectLab } from "../support/labTarget";
import { requireState } from "./labState";

async function trace(name: string, functionName: string): Promise<void> {
  const target = await connectLab(requireState(name));
  const facts = await runProbe(target, hostFactsProbe);
  const trace = await startTrace(target, facts, traceCallGraph, { kind: "callgraph", name: functionName }, { onEvent: () => undefined });
  await trace.ready;
  console.log("tracing");
  setInterval(() => undefined, 60_000);
}

trace(process.argv[2] ?? "", process.argv[3] ?? "").catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
