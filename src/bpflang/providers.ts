/** The kinds of probes, with the first version of each spelling (bpftrace's CHANGELOG.md; `bpftrace -l` of each release). */
import type { AttachPoint } from "./syntax";

export type ProbeTarget = "function" | "typedFunction" | "tracepoint" | "rawTracepoint" | "file" | "rate" | "event" | "address" | "iterator" | "none";

export interface Provider {
  readonly name: string;
  readonly short?: string;
  readonly since: string;
  readonly until?: string;
  readonly target: ProbeTarget;
  /** Its probe is at the function's return. */
  readonly atReturn?: boolean;
  /** The other spelling of the same, for versions that do not know this one. */
  readonly sameAs?: string;
  readonly summary: string;
  /** What follows the name, for completion. */
  readonly form: string;
}

export const providers: readonly Provider[] = [
  { name: "kprobe", short: "k", since: "0.9.0", target: "function", form: "kprobe:FUNCTION", summary: "Where a function of the kernel begins, or at an offset in it. Arguments are arg0, arg1…" },
  { name: "kretprobe", short: "kr", since: "0.9.0", target: "function", atReturn: true, form: "kretprobe:FUNCTION", summary: "Where a function of the kernel returns; its value is retval." },
  { name: "fentry", short: "f", since: "0.20.0", target: "typedFunction", sameAs: "kfunc", form: "fentry:[MODULE:]FUNCTION", summary: "Where a function of the kernel begins, with typed arguments: args.name. Needs BTF." },
  { name: "fexit", short: "fr", since: "0.20.0", target: "typedFunction", atReturn: true, sameAs: "kretfunc", form: "fexit:[MODULE:]FUNCTION", summary: "Where a function of the kernel returns, with its arguments and retval. Needs BTF." },
  { name: "kfunc", since: "0.10.0", target: "typedFunction", sameAs: "fentry", form: "kfunc:[MODULE:]FUNCTION", summary: "The name of fentry before 0.20: where a function begins, with typed arguments." },
  { name: "kretfunc", since: "0.10.0", target: "typedFunction", atReturn: true, sameAs: "fexit", form: "kretfunc:[MODULE:]FUNCTION", summary: "The name of fexit before 0.20: where a function returns." },
  { name: "tracepoint", short: "t", since: "0.9.0", target: "tracepoint", form: "tracepoint:SUBSYSTEM:EVENT", summary: "A place that the kernel's authors marked; its fields are in args." },
  { name: "rawtracepoint", short: "rt", since: "0.11.0", target: "rawTracepoint", form: "rawtracepoint:EVENT", summary: "A tracepoint with the arguments its place in the kernel gives, unformatted." },
  { name: "uprobe", short: "u", since: "0.9.0", target: "file", form: "uprobe:FILE:FUNCTION", summary: "Where a function of a program or library begins." },
  { name: "uretprobe", short: "ur", since: "0.9.0", target: "file", atReturn: true, form: "uretprobe:FILE:FUNCTION", summary: "Where a function of a program or library returns." },
  { name: "usdt", short: "U", since: "0.9.0", target: "file", form: "usdt:FILE:[PROVIDER:]PROBE", summary: "A place that a program's authors marked (USDT)." },
  { name: "profile", short: "p", since: "0.9.0", target: "rate", form: "profile:hz:RATE", summary: "On every CPU, so many times a second." },
  { name: "interval", short: "i", since: "0.9.0", target: "rate", form: "interval:s:SECONDS", summary: "On one CPU, every so many seconds or milliseconds." },
  { name: "software", short: "s", since: "0.9.0", target: "event", form: "software:EVENT:COUNT", summary: "An event that the kernel counts." },
  { name: "hardware", short: "h", since: "0.9.0", target: "event", form: "hardware:EVENT:COUNT", summary: "An event that the CPU counts." },
  { name: "watchpoint", short: "w", since: "0.10.0", target: "address", form: "watchpoint:ADDRESS:LENGTH:MODE", summary: "An access to memory at an address." },
  { name: "asyncwatchpoint", short: "aw", since: "0.12.0", until: "0.25.0", target: "address", form: "asyncwatchpoint:ADDRESS:LENGTH:MODE", summary: "A watchpoint that is set while the program goes on." },
  { name: "iter", short: "it", since: "0.11.0", target: "iterator", form: "iter:OBJECT", summary: "Once for each object of a kind that the kernel has." },
  { name: "BEGIN", since: "0.9.0", target: "none", form: "BEGIN", summary: "Before all other probes, once." },
  { name: "END", since: "0.9.0", target: "none", form: "END", summary: "After all other probes, once." },
  { name: "begin", since: "0.24.0", target: "none", form: "begin", summary: "Before all other probes, once." },
  { name: "end", since: "0.24.0", target: "none", form: "end", summary: "After all other probes, once." },
  { name: "self", since: "0.22.0", target: "event", form: "self:signal:SIGNAL", summary: "A signal to bpftrace itself." },
  { name: "bench", since: "0.24.0", target: "event", form: "bench:NAME", summary: "A block that is timed." },
  { name: "test", since: "0.25.0", target: "event", form: "test:NAME", summary: "A block that is run as a test." },
];

const byName = new Map(providers.flatMap((provider) => [[provider.name, provider] as const, ...(provider.short === undefined ? [] : [[provider.short, provider] as const])]));

export const findProvider = (name: string): Provider | undefined => byName.get(name);

export const iterators = ["task", "task_file", "task_vma"] as const;
export const rateUnits = ["hz", "s", "ms", "us"] as const;
export const softwareEvents = [
  "alignment-faults", "bpf-output", "context-switches", "cpu-clock", "cpu-migrations", "dummy", "emulation-faults", "major-faults", "minor-faults", "page-faults", "task-clock",
] as const;
export const hardwareEvents = [
  "backend-stalls", "branch-instructions", "branch-misses", "bus-cycles", "cache-misses", "cache-references", "cpu-cycles", "frontend-stalls", "instructions", "ref-cycles",
] as const;

export interface ProbePlace {
  readonly provider: Provider;
  readonly module?: string;
  /** Function, event or file, as far as it is written; without an offset. */
  readonly name: string;
  /** It stands for many. */
  readonly isPattern: boolean;
}

/** What an attach point of the kernel names. undefined for a provider that nobody knows. */
export function placeOf({ parts }: AttachPoint): ProbePlace | undefined {
  const provider = findProvider(parts[0]?.text ?? "");
  if (!provider) return undefined;
  const words = parts.slice(1).map(({ text }) => text.replace(/^"(.*)"$/, "$1"));
  const name = (words.at(-1) ?? "").replace(/\+.*$/, "");
  const isPattern = words.some((word) => /[*?[\]{}$]/.test(word)) || parts.length === 1;
  const module = words.length > 1 ? words[0] : undefined;
  return { provider, name, isPattern, ...(module === undefined ? {} : { module }) };
}
