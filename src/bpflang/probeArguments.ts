/**
 * What a probe's arguments are: parameters of the function from BTF, fields of the tracepoint from its format or, without tracefs, from the types that
 * the kernel's tracing macros make (`trace_event_raw_CLASS`, `btf_trace_EVENT`; include/trace/trace_events.h, bpf_probe.h).
 */
import type { BtfType } from "../btf/btf";
import { declaration } from "../btf/declaration";
import { pointee, underlying } from "../btf/typeSet";
import type { ProbePlace } from "./providers";
import type { TargetKnowledge } from "./targetKnowledge";
import { plain, type Field, type ValueType } from "./valueType";

export function prototypeAt(place: ProbePlace, { types }: TargetKnowledge): BtfType | undefined {
  if (place.isPattern || (place.provider.target !== "function" && place.provider.target !== "typedFunction")) return undefined;
  // A part that the compiler split off has arguments of its own.
  if (/\.(?:isra|constprop|part|cold)\b/.test(place.name)) return undefined;
  return types?.prototype(place.name, place.module);
}

/** arg0, arg1… of a probe at a function. */
export function probeArguments(place: ProbePlace, knowledge: TargetKnowledge): readonly Field[] | undefined {
  const proto = prototypeAt(place, knowledge);
  return proto && parameterFields(proto);
}

/** `args.x` of a typed probe; undefined where it has none or nothing is known of them. */
export function formatArguments(place: ProbePlace, knowledge: TargetKnowledge): readonly Field[] | undefined {
  switch (place.provider.target) {
    case "typedFunction":
      return probeArguments(place, knowledge);
    case "tracepoint":
      return place.isPattern ? undefined : tracepointFields(`${place.module ?? ""}:${place.name}`, knowledge);
    case "rawTracepoint":
      return rawTracepointFields(place.name, knowledge);
    default:
      return undefined;
  }
}

export function returnValue(place: ProbePlace | undefined, knowledge: TargetKnowledge): ValueType | undefined {
  if (place?.provider.target !== "typedFunction") return undefined;
  const proto = prototypeAt(place, knowledge);
  const type = proto?.owner.type(proto.target);
  return type && { kind: "kernel", type };
}

function parameterFields(proto: BtfType): readonly Field[] {
  const { owner } = proto;
  return owner.parameters(proto).flatMap(({ name, type: id }, index) => {
    const type = owner.type(id);
    if (!type || id === 0) return [];
    const written = name === "" ? `arg${index}` : name;
    return [{ name: written, text: declaration(owner, id, written), type: { kind: "kernel" as const, type } }];
  });
}

function tracepointFields(name: string, knowledge: TargetKnowledge): readonly Field[] | undefined {
  const format = knowledge.tracepoints?.get(name);
  return format?.fields.map((field) => ({ name: field.name, text: field.declaration, type: declaredType(field.declaration, knowledge) }));
}

/** A field's declaration as a type: pointers to structures of BTF can be followed, the rest are numbers and strings. */
function declaredType(text: string, { types }: TargetKnowledge): ValueType {
  const match = /^(?:const\s+)?(?:(struct|union|enum)\s+)?(\w+)\s*(\**)\s*\w+(\[)?/.exec(text);
  const [, keyword, name = "", stars = "", bracket] = match ?? [];
  if (/__data_loc|__rel_loc/.test(text)) return plain("string");
  const space = keyword === "struct" || keyword === "union" || keyword === "enum" ? keyword : "typedef";
  const found = types?.find(space, name);
  let type: ValueType = found ? { kind: "kernel", type: found } : plain(name === "" ? "uint64" : name);
  for (const star of stars) if (star === "*") type = { kind: "pointer", to: type };
  return bracket === undefined ? type : { kind: "array", of: type };
}

function rawTracepointFields(name: string, { types }: TargetKnowledge): readonly Field[] | undefined {
  const proto = pointee(types?.find("typedef", `btf_trace_${name}`));
  if (proto?.kind !== "funcProto") return undefined;
  return parameterFields(proto).filter(({ type }) => !isContext(type)).map((field, index) => ({ ...field, name: /^arg\d+$/.test(field.name) ? `arg${index}` : field.name }));
}

/** The first parameter is bookkeeping of the tracer. */
const isContext = (type: ValueType | undefined): boolean => type?.kind === "kernel" && underlying(type.type)?.kind === "pointer" && declaration(type.type.owner, type.type.id) === "void *";
