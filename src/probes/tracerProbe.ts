import { DomainError } from "../base/errors";
import { shellScript, type CommandResult } from "../target/command";
import type { Probe } from "./probe";

/** What tracing by bpftrace needs to know of a host. Names of functions and enumerators are the target's own. */
export interface TracerFacts {
  /** What `bpftrace --version` prints; undefined where there is no such program. */
  readonly bpftrace?: string;
  readonly hasBtf: boolean;
  readonly hasKprobes: boolean;
  /** `none`, `integrity` or `confidentiality`; undefined for a kernel without lockdown. */
  readonly lockdown?: string;
  /** Those of the functions asked for that this kernel has. */
  readonly functions: readonly string[];
  /** Value → name of the enum asked for; empty when the kernel has none of that name. */
  readonly enumerators: ReadonlyMap<number, string>;
  /** Function → its parameters as in C; only functions whose types bpftrace can list. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
}

/**
 * One script, one round trip; `@name` begins a section. Listing types costs seconds on a slow host, so of the kernel's own functions it is done only
 * where its BTF holds the name of the enum at all. `kfunc:` is read by every version that lists types; `fentry:` ends old ones by SIGABRT.
 */
const script = `enum=$1 pattern=$2 core=
echo @bpftrace; if command -v bpftrace >/dev/null 2>&1; then bpftrace --version 2>/dev/null; else echo missing; fi
echo @btf; [ -r /sys/kernel/btf/vmlinux ] && echo yes
echo @kprobes; for file in /sys/bus/event_source/devices/kprobe/type /sys/kernel/tracing/kprobe_events /sys/kernel/debug/tracing/kprobe_events; do [ -e "$file" ] && echo yes; done
echo @lockdown; cat /sys/kernel/security/lockdown 2>/dev/null
symbols=$(grep -E "$pattern" /proc/kallsyms)
echo @functions; echo "$symbols"
list() { echo "@parameters $2"; bpftrace -lv "kfunc:$1:$2" 2>/dev/null; }
grep -q -a "$enum" /sys/kernel/btf/vmlinux 2>/dev/null && { echo @enum; bpftrace -lv "enum $enum" 2>/dev/null; } && core=yes
echo "$symbols" | while read -r address type name module; do
  if [ -n "$module" ]; then module=\${module#[}; list "\${module%]}" "$name"
  elif [ -n "$core" ]; then list vmlinux "$name"
  fi
done
echo @end`;

/**
 * @param functions   looked for in kallsyms
 * @param enumName    its enumerators are asked for, with the parameters of the functions
 * @throws DomainError `probe/bad-answer` when the script did not come to its end
 */
export function tracerProbe(functions: readonly string[], enumName: string): Probe<TracerFacts> {
  const pattern = ` [tT] (${functions.join("|")})([[:space:]]|$)`;
  return {
    command: { argv: shellScript(script, [enumName, pattern]), privilege: "root", timeoutMs: 120_000 },
    parse: (result) => parseTracerFacts(result, enumName),
  };
}

function parseTracerFacts(result: CommandResult, enumName: string): TracerFacts {
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
    functions: [...new Set(lines("functions").flatMap((line) => line.split(/\s/)[2] ?? []))],
    enumerators: parseEnumerators(lines("enum"), enumName),
    parameters: new Map([...sections].flatMap(([name, text]) => parametersEntry(name, text))),
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

/** `\tSK_RST_REASON_NO_SOCKET = 1,`; the common prefix of an enum's names is its own name, and is left out. */
function parseEnumerators(lines: readonly string[], enumName: string): ReadonlyMap<number, string> {
  const prefix = `${enumName.toUpperCase()}_`;
  return new Map(lines.flatMap((line) => {
    const match = /^\s+(\w+) = (-?\d+),?$/.exec(line);
    const name = match?.[1];
    return name === undefined ? [] : [[Number(match?.[2]), name.startsWith(prefix) ? name.slice(prefix.length) : name] as const];
  }));
}

function parametersEntry(section: string, lines: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  const name = /^parameters (\S+)$/.exec(section)?.[1];
  const parameters = lines.filter((line) => /^\s/.test(line) && !/\bretval$/.test(line)).map((line) => line.trim());
  return name === undefined || parameters.length === 0 ? [] : [[name, parameters]];
}
