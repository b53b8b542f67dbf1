import { Command, InvalidArgumentError } from "commander";
import type { ResetGroup, TraceSummary } from "../../collectors/resetModel";
import { paint, type Output } from "../output";
import { resolvedJson, stackLines } from "../resolvedFrames";
import { addDebuginfoOptions, addHostOptions, parseDuration, withHost, type HostFlags } from "../withHost";
import { endpointText } from "./listeners";

interface TraceFlags extends HostFlags {
  readonly duration?: number;
  readonly port?: number;
}

export function traceCommand(): Command {
  return new Command("trace").description("what the kernel did, and why").addCommand(resetsCommand());
}

function resetsCommand(): Command {
  const command = new Command("resets")
    .description("every RST this host sends: stack, source line, and the cause in words; Ctrl-C ends it")
    .option("--duration <time>", "end after this time, such as 10s", parseDuration)
    .option("--port <port>", "only connections with this local or remote port", parsePort);
  return addDebuginfoOptions(addHostOptions(command)).action(async (flags: TraceFlags) => {
    await withHost(flags, async (host, output, signal) => {
      output.progress("Starting the tracer");
      const trace = await host.traceResets(
        { ...(flags.duration === undefined ? {} : { durationMs: flags.duration }), ...(flags.port === undefined ? {} : { port: flags.port }) },
        signal,
      );
      output.note("Tracing resets. Ctrl-C ends it.");
      const change = trace.onChange(() => output.progress(`${trace.summary().events} events`));
      signal.addEventListener("abort", () => void trace.stop(), { once: true });
      if (signal.aborted) void trace.stop();
      const summary = await trace.ended;
      change.dispose();
      printTrace(output, trace.groups(), summary);
    });
  });
}

function printTrace(output: Output, groups: readonly ResetGroup[], summary: TraceSummary): void {
  const sorted = [...groups].sort((a, b) => b.count - a.count);
  for (const group of sorted) {
    if (output.json) output.object(groupJson(group));
    else for (const line of groupLines(output, group)) output.line(line);
  }
  if (output.json) output.object({ summary: true, state: summary.state, groups: groups.length, events: summary.events, lost: summary.lost });
  else output.line(`${groups.length} groups, ${summary.events} events, ${summary.lost === 0 ? "none" : String(summary.lost)} lost`);
  for (const message of summary.messages) output.note(message);
  if (summary.state === "failed") process.exitCode = 1;
}

/** The fields are a contract with scripts. */
export function groupJson({ count, event, explanation, stack }: ResetGroup): object {
  return {
    count,
    cause: explanation.cause,
    alternatives: explanation.alternatives,
    evidence: explanation.evidence,
    kind: event.kind,
    family: event.family,
    endpoints: { socket: event.socket === undefined ? null : { local: event.socket.local, remote: event.socket.remote }, packet: event.packet === undefined ? null : { source: event.packet.source, destination: event.packet.destination } },
    state: event.socket?.state ?? null,
    flags: event.packet?.flags ?? null,
    reason: event.reason ?? null,
    process: event.process,
    netns: event.netns ?? null,
    stack: stack.map(resolvedJson),
  };
}

function groupLines(output: Output, group: ResetGroup): readonly string[] {
  const { event, explanation } = group;
  const { cause } = explanation;
  return [
    "",
    `${group.count}×  ${paint(output, "bold", cause.title)}  ${endpointsText(group)}  [${cause.id}, ${cause.confidence}]`,
    `    ${cause.detail}`,
    ...explanation.evidence.map((fact) => `    - ${fact}`),
    ...(explanation.alternatives.length === 0 ? [] : [`    or: ${explanation.alternatives.join(", ")}`]),
    `    ${event.process.isOwner ? "by" : "while on the CPU:"} ${event.process.name}[${event.process.pid}]`,
    ...stackLines(output, group.stack, "        "),
  ];
}

function endpointsText({ event }: ResetGroup): string {
  if (event.packet) return `${endpointText(event.packet.source)} → ${endpointText(event.packet.destination)}${event.packet.flags.length > 0 ? ` ${event.packet.flags.join(",")}` : ""}`;
  return event.socket ? `${endpointText(event.socket.local)} → ${endpointText(event.socket.remote)}` : "";
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new InvalidArgumentError("A port is a number from 1 to 65535.");
  return port;
}
