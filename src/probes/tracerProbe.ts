import { DomainError } from "../base/errors";
import { shellScript, type CommandResult } from "../target/command";
import type { Probe } from "./probe";

/** What tracing by bpftrace needs to know of a host. */
export interface TracerFacts {
  /** What `bpftrace --version` prints; undefined where there is no such program. */
  readonly bpftrace?: string;
  readonly hasBtf: boolean;
  readonly hasKprobes: boolean;
  /** `none`, `integrity` or `confidentiality`; undefined for a kernel without lockdown. */
  readonly lockdown?: string;
  /** Those of the functions asked for that this kernel has, with the module they are in. */
  readonly functions: readonly { readonly name: string; readonly module?: string }[];
  /** The kernel's BTF holds the word asked for. */
  readonly hasWord: boolean;
}

/** One script, one round trip; `@name` begins a section. Reading a word from 5 MB of BTF is cheaper than asking bpftrace about types. */
const script = `word=$1 pattern=$2
echo @bpftrace; if command -v bpftrace >/dev/null 2>&1; then bpftrace --version 2>/dev/null; else echo missing; fi
echo @btf; [ -r /sys/kernel/btf/vmlinux ] && echo yes
echo @word; grep -q -a "$word" /sys/kernel/btf/vmlinux 2>/dev/null && echo yes
echo @kprobes; for file in /sys/bus/event_source/devices/kprobe/type /sys/kernel/tracing/kprobe_events /sys/kernel/debug/tracing/kprobe_events; do [ -e "$file" ] && echo yes; done
echo @lockdown; cat /sys/kernel/security/lockdown 2>/dev/null
echo @functions; grep -E "$pattern" /proc/kallsyms
echo @end`;

/**
 * @param functions looked for in kallsyms
 * @param word      looked for in the kernel's BTF: the name of a type that newer kernels have
 * @throws DomainError `probe/bad-answer` when the script did not come to its end
 */
export function tracerProbe(functions: readonly string[], word: string): Probe<TracerFacts> {
  const pattern = ` [tT] (${functions.join("|")})([[:space:]]|$)`;
  return { command: { argv: shellScript(script, [word, pattern]), privilege: "root", timeoutMs: 60_000 }, parse: parseTracerFacts };
}

function parseTracerFacts(result: CommandResult): TracerFacts {
  const sections = splitSections(new TextDecoder().decode(result.stdout));
  if (!sections.has("end")) {
    throw new DomainError("probe/bad-answer", `the host did not tell what it can trace: ${result.stderr.trim() || `exit status ${result.code ?? "unknown"}`}`);
  }
  const lines = (name: string): readonly string[] => sections.get(name) ?? [];
  const version = lines("bpftrace").join(" ");
  const lockdown = /\[(\w+)\]/.exec(lines("lockdown").join(" "))?.[1];
  return {
    ...(version === "missing" ? {} : { bpftrace: version }),
    hasBtf: lines("btf").length > 0,
    hasKprobes: lines("kprobes").length > 0,
    ...(lockdown === undefined ? {} : { lockdown }),
    functions: lines("functions").flatMap(functionOf),
    hasWord: lines("word").length > 0,
  };
}

function splitSections(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("@")) sections.set(line.slice(1), (current = []));
    else if (line.trim() !== "") current.push(line);
  }
  return sections;
}

/** A line of kallsyms: `address type name`, and `\t[module]` for those of modules. */
function functionOf(line: string): TracerFacts["functions"] {
  const match = /^\S+ \S (\S+)(?:\s+\[(\S+)\])?$/.exec(line);
  if (match?.[1] === undefined) return [];
  return [{ name: match[1], ...(match[2] === undefined ? {} : { module: match[2] }) }];
}
