/**
 * perf script: a line `comm pid [cpu] time: event: …`, then `ADDR f+0xH (dso)`, innermost first. A tracepoint's first address is that of the call
 * into the tracing code, taken from the return address (perf_fetch_caller_regs), so it is a return address too; a probe's or a sample's is exact.
 */
import { moduleName, parseAddress, parseSize, type FrameParts } from "../parseFrame";
import { parsePlace } from "./place";
import { filler, frameReading, type Reading, type StackReader } from "./stackReader";

const frameLine =
  /^\s+(?<address>[0-9a-f]{1,16}) (?<symbol>\[unknown\]|[A-Za-z_][\w.$]*)(?:\+(?<offset>0x[0-9a-f]+))? \((?<dso>[^)]*)\)(?: (?<inlined>\(inlined\)))?\s*$/;
const eventLine = /^\S.*\s\d+(?:\/\d+)?\s+(?:\[\d+\]\s+)?[\d.]+:\s+(?:(?<count>\d+)\s+)?(?<system>[\w-]+):(?<event>[\w-]*):?(?:\s|$)/;

export const perfScript: StackReader = {
  format: "perf-script",
  read(line, open) {
    const event = eventLine.exec(line)?.groups;
    if (event) return headerOf(event);
    const groups = frameLine.exec(line)?.groups;
    if (groups) return isKernel(groups["address"] ?? "", groups["dso"] ?? "") ? frameReading(frameOf(groups)) : open && filler;
    const source = open && open.length > 0 ? parsePlace(/^\s{2,}(\S+\.[chS]:\d+)\s*$/.exec(line)?.[1]) : undefined;
    if (source) return { is: "place", source };
    const bare = open === undefined ? null : /^\s+([0-9a-f]{1,16})\s*$/.exec(line);
    if (!bare) return undefined;
    return isKernel(bare[1] ?? "", "") ? frameReading({ address: parseAddress(bare[1]) }) : filler;
  },
};

/** Our own export counts stacks; the number before other events is a period of a counter. */
function headerOf({ system = "", event = "", count }: Record<string, string | undefined>): Reading {
  if (system === "knetscope") return { is: "header", count: Number(count) };
  return { is: "header", firstKind: isTracepoint(system, event) ? "return" : "exact" };
}

/** `cycles:ppp:` is an event with modifiers; `probe:` and `kprobes:` are breakpoints, whose address is exact. */
const isTracepoint = (system: string, event: string): boolean => event !== "" && !/^[ukhGHpPSDWIeb]+$/.test(event) && !/^k?probes?(_|$)/.test(system);

/** What lies in modules that were loaded after perf began is in no object that it knows: the address tells. */
const isKernel = (address: string, dso: string): boolean => {
  if (dso === "inlined" || /\.ko(\.\w+)?$|vmlinux/.test(dso)) return true;
  return /^\[/.test(dso) && dso !== "[unknown]" ? !/^\[(?:vdso|vsyscall|heap|stack)/.test(dso) : isRuntime(address);
};

const isRuntime = (address: string): boolean => /^[89a-f][0-9a-f]{15}$/.test(address);

function frameOf(groups: Record<string, string | undefined>): FrameParts {
  const dso = groups["dso"] ?? "";
  const module = /^\[([\w.-]+)\]/.exec(dso)?.[1] ?? /([^/]+)\.ko(?:\.\w+)?$/.exec(dso)?.[1];
  const symbol = groups["symbol"];
  const inlined = groups["inlined"] !== undefined || dso === "inlined";
  return {
    symbol: symbol === "[unknown]" ? undefined : symbol,
    offset: parseSize(groups["offset"]),
    module: module === undefined || /^(?:kernel\.|guest\.|unknown)/.test(module) ? undefined : moduleName(module.replaceAll("-", "_")),
    // Without the kernel's half of the addresses it is an offset in a file, as old versions print.
    address: isRuntime(groups["address"] ?? "") ? parseAddress(groups["address"]) : undefined,
    ...(inlined ? { kind: "inlined" as const } : {}),
  };
}
