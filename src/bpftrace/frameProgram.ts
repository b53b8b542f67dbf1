/**
 * Programs that watch a function, or one place in it, written from a frame of a stack. Arguments have the names and types of the target's BTF. An
 * argument can only be read at the function's entry: a program for a place inside keeps them from there, by thread.
 */
import { formatBpftraceVersion, isAtLeast, type BpftraceVersion } from "./bpftraceVersion";

export interface ProbedFunction {
  readonly symbol: string;
  readonly module?: string;
  /** undefined where the target's BTF does not have the function. */
  readonly prototype?: { readonly text: string; readonly parameters: readonly ProbedArgument[] };
}

export interface ProbedArgument {
  readonly name: string;
  /** As in C: `struct sk_buff *`. */
  readonly type: string;
  /** What it is once names of types are taken off; a structure by value is neither. */
  readonly is: "pointer" | "number" | undefined;
}

/** A place in a function's code. */
export interface ProbedPlace {
  readonly offset: number;
  /** `net/ipv4/tcp_ipv4.c:2103`, where it is known. */
  readonly source?: string;
  /** The offset is that of a return address: the probe is hit when the call before it has returned. */
  readonly afterCall: boolean;
}

export interface ProgramTarget {
  readonly release: string;
  readonly version: BpftraceVersion;
}

/** How the entry is probed: by name with typed arguments, by kprobe with casts, or by kprobe without arguments. */
export type EntryStyle = "fentry" | "kprobe" | "plain";

/** Counts the ways to a function, and prints its arguments a few times a second. */
export function functionProgram(probed: ProbedFunction, target: ProgramTarget, style: EntryStyle): string {
  const values = argumentsOf(probed, style);
  const format = values.map(({ name, conversion }) => ` ${name}=${conversion}`).join("");
  return lines([
    `// ${probed.symbol} on ${target.release}, for bpftrace ${formatBpftraceVersion(target.version)}.`,
    ...prototypeComment(probed),
    "",
    entryProbe(probed, target, style),
    "{",
    "  @callers[kstack] = count();",
    "  @shown = @shown + 1;",
    "  if (@shown <= 10) {",
    `    printf("%-16s %6d${format}\\n", ${["comm", "pid", ...values.map(({ expression }) => expression)].join(", ")});`,
    "  }",
    "}",
    "",
    "// Ten calls a second are printed; all are counted.",
    "interval:s:1 { @shown = 0; }",
  ]);
}

/** Prints each time the place is reached, with the arguments the function was called with. */
export function placeProgram(probed: ProbedFunction, place: ProbedPlace, target: ProgramTarget, style: EntryStyle): string {
  const values = argumentsOf(probed, style);
  const kept = values.map(({ name, conversion }) => ` ${name}=${conversion}`).join("");
  const where = `${probed.symbol}+0x${place.offset.toString(16)}${place.afterCall ? ", when the call there has returned" : ""}`;
  return lines([
    `// ${place.source === undefined ? where : `${place.source}: ${where}`}.`,
    `// Kernel ${target.release}, bpftrace ${formatBpftraceVersion(target.version)}. The offset is right for this build only.`,
    ...prototypeComment(probed),
    "",
    entryProbe(probed, target, style),
    "{",
    "  @entered[tid] = nsecs;",
    ...values.map(({ name, expression }) => `  @${name}[tid] = ${expression};`),
    "}",
    "",
    `kprobe:${probed.symbol}+${place.offset}`,
    "/@entered[tid]/",
    "{",
    "  @callers[kstack] = count();",
    `  printf("%-16s %6d %d us after entry${kept}\\n", ${["comm", "pid", "(nsecs - @entered[tid]) / 1000", ...values.map(({ name }) => `@${name}[tid]`)].join(", ")});`,
    "}",
    "",
    exitProbe(probed, target, style),
    "{",
    ...["entered", ...values.map(({ name }) => name)].map((name) => `  ${deletion(name, target.version)}`),
    "}",
  ]);
}

interface Value {
  readonly name: string;
  readonly expression: string;
  readonly conversion: string;
}

/** More than six lie on the stack on x86-64. */
const inRegisters = 6;
/** Those that fit a register and print as a number; a structure by value shifts what comes after it. */
function argumentsOf({ prototype }: ProbedFunction, style: EntryStyle): readonly Value[] {
  if (!prototype || style === "plain") return [];
  const values: Value[] = [];
  for (const [index, { name, type, is }] of prototype.parameters.slice(0, inRegisters).entries()) {
    if (is === undefined) break;
    const isPointer = is === "pointer";
    if (!/^[A-Za-z_]\w*$/.test(name)) continue;
    const raw = style === "fentry" ? `args->${name}` : isPointer && /\*$/.test(type) ? `(${type.replace(/\bconst /g, "")})arg${index}` : `arg${index}`;
    values.push({ name, conversion: isPointer ? "%p" : "%d", expression: isPointer && /^(?:const )?void \*$/.test(type) ? `(uint64)${raw}` : raw });
  }
  return values;
}

function entryProbe({ symbol, module }: ProbedFunction, { version }: ProgramTarget, style: EntryStyle): string {
  if (style !== "fentry") return `kprobe:${symbol}`;
  return `${isAtLeast(version, named) ? "fentry" : "kfunc"}:${module === undefined ? "" : `${module}:`}${symbol}`;
}

function exitProbe({ symbol, module }: ProbedFunction, { version }: ProgramTarget, style: EntryStyle): string {
  if (style !== "fentry") return `kretprobe:${symbol}`;
  return `${isAtLeast(version, named) ? "fexit" : "kretfunc"}:${module === undefined ? "" : `${module}:`}${symbol}`;
}

const named: BpftraceVersion = { major: 0, minor: 20, patch: 0 };
const deletesByKey: BpftraceVersion = { major: 0, minor: 22, patch: 0 };

const deletion = (map: string, version: BpftraceVersion): string => (isAtLeast(version, deletesByKey) ? `delete(@${map}, tid);` : `delete(@${map}[tid]);`);

const prototypeComment = ({ prototype }: ProbedFunction): readonly string[] =>
  prototype ? [`// ${prototype.text}`] : ["// The target's BTF does not have this function: its arguments are not known (arg0, arg1, … are what the registers hold)."];

const lines = (list: readonly string[]): string => `${list.join("\n")}\n`;
