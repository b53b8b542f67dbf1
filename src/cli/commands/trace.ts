import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { traceTools, type TraceOptions, type TraceRequest, type TraceTool } from "../../collectors/traces/traceRequest";
import { eventCount, traceTitle } from "../../collectors/traces/traceWords";
import { defaultDepth, type GraphLimits } from "../../collectors/traces/callgraph/graphModel";
import { isNameList, parseNanoseconds } from "../../collectors/traces/callgraph/graphLimits";
import { pathProtocols } from "../../collectors/traces/packetpath/pathFilter";
import type { PathFilter } from "../../collectors/traces/packetpath/pathModel";
import type { Host } from "../../session/host";
import { traceJson } from "../../session/savedTrace";
import { graphOrders, type GraphOrder } from "../graphOutput";
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
  readonly received?: boolean;
  readonly passing?: boolean;
  readonly folded: boolean;
  readonly save?: string;
  readonly slowest?: boolean;
  readonly sort?: GraphOrder;
}

export function traceCommand(): Command {
  return new Command("trace")
    .description("what the kernel did, and why; Ctrl-C ends it")
    .addCommand(
      traceOf("resets", "every RST this host sends: stack, source line, and the cause in words", () => ({ kind: "resets" }))
        .option("--received", "also those that this host receives")
        .option("--passing", "also those that leave past TCP: forwarded, or built by a program with a raw socket; looks at every packet that leaves"),
    )
    .addCommand(traceOf("drops", "every packet the kernel drops: reason, place, and what it means; also what full listen queues drop in silence", () => ({ kind: "drops" })))
    .addCommand(traceOf("conntrack-invalid", "packets that connection tracking calls INVALID, and why: logs them by a rule that is taken back at the end, after asking (--yes)", () => ({ kind: "conntrack-invalid" })))
    .addCommand(traceOf("function <name>", "calls of a kernel function, or hits of a tracepoint (system:event): stacks, counts, arguments", (text) => ({ kind: "function", name: text })))
    .addCommand(callGraph())
    .addCommand(packetPath());
}

interface GraphFlags extends TraceFlags {
  readonly depth: number;
  readonly without?: readonly string[];
  readonly cpu?: number;
  readonly comm?: string;
  readonly slower?: number;
}

interface PathFlags extends TraceFlags {
  readonly proto?: PathFilter["protocol"];
  readonly from?: string;
  readonly to?: string;
}

const pathHelp = `
A rule in a table of our own marks the packets (meta nftrace), after asking (--yes); nft tells every chain, rule and policy that they meet, those of iptables-nft too.
That is also where the lines of \`iptables -j TRACE\` are when dmesg stays silent: the nft backend tells them over netlink only. Without nft, rules in iptables' table raw
mark them, and xtables-monitor tells (iptables-nft) or the kernel log (iptables-legacy, which nft does not see; --tool iptables asks for it). All marks go at the end.`;

function packetPath(): Command {
  return traceOf("packet", "the way of packets through the firewall's rules, with the verdict in words: which rule dropped it, or that none did", (_name, flags) => ({ kind: "packet", ...filterOf(flags as PathFlags) }))
    .addOption(new Option("--proto <protocol>", "only packets of this protocol").choices(pathProtocols))
    .option("--from <address>", "only from this address or prefix")
    .option("--to <address>", "only to this address or prefix")
    .addHelpText("after", pathHelp);
}

const filterOf = ({ proto, from, to }: PathFlags): PathFilter => ({ ...(proto && { protocol: proto }), ...(from === undefined ? {} : { source: from }), ...(to === undefined ? {} : { destination: to }) });

const graphHelp = `
The function_graph tracer of the kernel draws it: in an instance of its own where the kernel can, else in the tracer that all share. Whoever else uses that is
named, and nothing is started before you agree (--yes). Every setting is given back at the end, whatever brings it about.`;

function callGraph(): Command {
  return traceOf("callgraph <function>", "what calls of a kernel function call, and how long each takes: a tree with times, and sums by function", (name, flags) => ({ kind: "callgraph", name, ...limitsOf(flags as GraphFlags) }))
    .option("--depth <levels>", "so many levels; 0: all", parseNumber("number of levels", 255, 0), defaultDepth)
    .option("--without <functions>", "leave these out with all they call: names with commas between, * allowed", parseNames)
    .option("--cpu <number>", "only on this CPU", parseNumber("CPU", 8191, 0))
    .option("--comm <name>", "only while a process of this name is on the CPU (seven letters are compared)")
    .option("--slower <time>", "only calls that take at least so long, such as 100us", parseTime)
    .option("--slowest", "print the longest call of each group in order, too", false)
    .addOption(new Option("--sort <by>", "order of the functions at the end").choices(graphOrders).default("self"))
    .addHelpText("after", graphHelp);
}

const limitsOf = ({ depth, without, cpu, comm, slower }: GraphFlags): GraphLimits => ({
  depth, ...(without && { without }), ...(cpu === undefined ? {} : { cpu }), ...(comm === undefined ? {} : { comm }), ...(slower === undefined ? {} : { slowerThanNs: slower }),
});

/** @param usage name of the command, and of its argument */
function traceOf(usage: string, description: string, request: (argument: string, flags: TraceFlags) => TraceRequest): Command {
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
    return withHost(flags, (host, output, signal) => trace(host, { ...request(words[0] ?? "", flags), ...optionsOf(flags) }, output, signal, flags));
  });
}

function optionsOf({ duration, tool, port, pid, netns, cgroup, received, passing }: TraceFlags): TraceOptions {
  const given = { durationMs: duration, tool, port, pid, netns, cgroup, received, passing };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function trace(host: Host, request: TraceRequest, output: Output, signal: AbortSignal, { folded, save, slowest, sort }: TraceFlags): Promise<void> {
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
  else printTrace(output, running.groups(), summary, { ...(slowest === undefined ? {} : { slowest }), ...(sort && { sort }) });
}

const parseNumber = (what: string, most: number, least = 1) => (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) throw new InvalidArgumentError(`A ${what} is a number from ${least} to ${most}.`);
  return value;
};

function parseNames(text: string): readonly string[] {
  if (!isNameList(text)) throw new InvalidArgumentError("Names of functions with commas between.");
  return text.split(",");
}

function parseTime(text: string): number {
  const time = parseNanoseconds(text);
  if (time === undefined) throw new InvalidArgumentError("A time with ns, us, ms or s, such as 100us.");
  return time;
}
