import type { Btf } from "../../btf/btf";
import { rejectModules, resetFunctions, type ResetFunction, type ResetProbe } from "../../bpftrace/resetProgram";
import type { TracerFacts } from "../../probes/tracerProbe";
import type { Target } from "../../target/target";
import { kernelTypes, moduleTypes } from "./targetTypes";

/** Linux has it since 6.10, as a parameter of the functions that send resets. */
export const reasonEnum = "sk_rst_reason";

export interface ResetProbes {
  readonly probes: readonly ResetProbe[];
  /** enum sk_rst_reason of this kernel: value → name without the prefix. Empty where there is none. */
  readonly reasons: ReadonlyMap<number, string>;
  /** `MODULE:FUNCTION` by the function, of those that come with a module. */
  readonly late?: ReadonlyMap<string, string>;
}

/**
 * Which functions to probe, and which of their arguments are what: by the target's own BTF, since the arguments moved between versions
 * (tcp_send_active_reset has its reason second or third). Types are fetched only where there is something to learn from them.
 */
export async function readResetProbes(target: Target, tracer: TracerFacts, signal?: AbortSignal): Promise<ResetProbes> {
  const present = tracer.functions.filter((found): found is Found => resetFunctions.some((name) => name === found.name));
  if (!tracer.words.includes(reasonEnum) && present.every(({ module }) => module === undefined)) return { probes: present.map(({ name }) => ({ function: name })), reasons: new Map() };
  const kernel = await kernelTypes(target, signal);
  const probes: ResetProbe[] = [];
  for (const { name, module } of present) {
    const types = module === undefined ? kernel : await moduleTypes(target, module, kernel, signal);
    probes.push(resetProbe(name, types));
  }
  return { probes, reasons: withoutPrefix(kernel.enumerators(reasonEnum) ?? new Map<number, string>()) };
}

/** `MODULE:FUNCTION` of those that are not there yet, since no rule needed them so far. */
export const lateProbes = ({ functions }: TracerFacts): ReadonlyMap<string, string> =>
  new Map([...rejectModules].flatMap(([name, module]) => (functions.some((found) => found.name === name) ? [] : [[name, `${module}:${name}`]])));

interface Found {
  readonly name: ResetFunction;
  readonly module?: string;
}

export function resetProbe(name: ResetFunction, types: Btf | undefined): ResetProbe {
  const parameters = types?.parametersOf(name) ?? [];
  const packet = parameters.findIndex(({ type }) => /\bstruct sk_buff \*$/.test(type));
  const reason = parameters.findIndex(({ type }) => type === `enum ${reasonEnum}`);
  return { function: name, ...(reason < 0 ? {} : { reasonArgument: reason }), ...(packet < 0 ? {} : { packetArgument: packet }) };
}

function withoutPrefix(enumerators: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  const prefix = `${reasonEnum.toUpperCase()}_`;
  return new Map([...enumerators].map(([value, name]) => [value, name.startsWith(prefix) ? name.slice(prefix.length) : name]));
}
