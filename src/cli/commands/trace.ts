import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { traceTools, type TraceOptions, type TraceRequest, type TraceTool } from "../../collectors/traces/traceRequest";
import { eventCount, traceTitle } from "../../collectors/traces/traceWords";
import type { Host } from "../../session/host";
import { traceJson } from "../../session/savedTrace";
import type { Output } from "../output";
import { printFolded, printTrace } from "../traceOutput";
import { addDebuginfoOptions, addHostOptions, parseDuration, withHost, type HostFlags } from "../withHost";

interface TraceFlags extends HostFlags {
  readonly duration?: number;
  readonly tool?: TraceTool;
  readonly port?: number;
  readonly pid?: number;
  readonly netns?: number;
  readonly cgroup?: string;
  readonly folded: boolean;
  readonly save?: string;
}

export function traceCommand(): Command {
  return new Command("trace")
    .description("what the kernel did, and why; Ctrl-C ends it")
    .addCommand(traceOf("resets", "every RST this host sends: stack, source line, and the cause in words", () => ({ kind: "resets" })))
    .addCommand(traceOf("drops", "every packet the kernel drops: reason, place, and what it means; also what full listen queues drop in silence", () => ({ kind: "drops" })))
    .addCommand(traceOf("conntrack-invalid", "packets that connection tracking calls INVALID, and why: logs them by a rule that is taken back at the end, after asking (--yes)", () => ({ kind: "conntrack-invalid" })))
    .addCommand(traceOf("function <name>", "calls of a kernel function, or hits of a tracepoint (system:event): stacks, counts, arguments", (text) => ({ kind: "function", name: text })));
}

/** @param usage name of the command, and of its argument */
function traceOf(usage: string, description: string, request: (argument: string) => TraceRequest): Command {
  const [name = "", argument] = usage.split(" ");
  const command = new Command(name)
    .description(description)
    .option("--duration <time>", "end after this time, such as 10s", parseDuration)
    .addOption(new Option("--tool <tool>", "collect by this one only").choices(traceTools))
    .option("--port <port>", "only this local or remote port", parseNumber("port", 65535))
    .option("--pid <pid>", "only while this process is on the CPU", parseNumber("process id", 2 ** 31))
    .option("--netns <inode>", "only in this network namespace (inode, as `listeners` shows it)", parseNumber("network namespace", 2 ** 32 - 1))
    .option("--cgroup <folder>", "only while a process of this cgroup is on the CPU: its folder in /sys/fs/cgroup")
    .option("--folded", "print folded stacks, as flame graph tools read them", false)
    .option("--save <file>", "write the whole trace there too, for explain, evidence and the editor's Import Trace");
  if (argument !== undefined) command.argument(argument);
  return addDebuginfoOptions(addHostOptions(command)).action((...given: [...string[], TraceFlags, Command]) => {
    const flags = given.at(-2) as TraceFlags;
    const words = given.slice(0, -2) as string[];
    return withHost(flags, (host, output, signal) => trace(host, { ...request(words[0] ?? ""), ...optionsOf(flags) }, output, signal, flags));
  });
}

function optionsOf({ duration, tool, port, pid, netns, cgroup }: TraceFlags): TraceOptions {
  const given = { durationMs: duration, tool, port, pid, netns, cgroup };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function trace(host: Host, request: TraceRequest, output: Output, signal: AbortSignal, { folded, save }: TraceFlags): Promise<void> {
  output.progress("Starting the tracer");
  const running = await host.trace(request, signal);
  output.note(`Tracing: ${traceTitle(request)}. Ctrl-C ends it.`);
  const change = running.onChange(() => output.progress(eventCount(request.kind, running.summary().events)));
  signal.addEventListener("abort", () => void running.stop(), { once: true });
  if (signal.aborted) void running.stop();
  const summary = await running.ended;
  change.dispose();
  if (save !== undefined) await writeFile(save, traceJson({ host: host.name, facts: await host.facts(), request, summary, groups: running.groups() }));
  if (folded) printFolded(output, running.groups(), summary);
  else printTrace(output, running.groups(), summary);
}

const parseNumber = (what: string, most: number) => (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most) throw new InvalidArgumentError(`A ${what} is a number from 1 to ${most}.`);
  return value;
};
