/**
 * The format file of a tracepoint (Documentation/trace/events.rst): its fields, and the text of its `print fmt`, which holds the names of
 * enumerators as pairs `{ 2, "NO_SOCKET" }` (include/trace/stages/stage3_trace_output.h, __print_symbolic).
 */
export interface EventField {
  /** As in C: `void *`, `unsigned short`, `__u8`. */
  readonly type: string;
  readonly name: string;
  /** Elements of an array; undefined for what is none. */
  readonly length?: number;
  /** Bytes. */
  readonly size: number;
  readonly signed: boolean;
  /** Its value says where in the record the text begins. */
  readonly isDynamic: boolean;
}

export interface EventFormat {
  /** Without the fields that all events have. */
  readonly fields: readonly EventField[];
  /** Value → name, of the first list of names. */
  readonly names: ReadonlyMap<number, string>;
}

const fieldPattern = /^\s*field:(?<type>.+?)\s*(?<name>[A-Za-z_]\w*)(?:\[(?<length>\d*)\])?;\s*offset:\d+;\s*size:(?<size>\d+);(?:\s*signed:(?<signed>[01]);)?/;

export function parseEventFormat(text: string): EventFormat {
  const fields = text.split("\n").flatMap((line): readonly EventField[] => {
    const groups = fieldPattern.exec(line)?.groups;
    const { type = "", name = "", length, size, signed } = groups ?? {};
    if (!groups || name.startsWith("common_")) return [];
    const isDynamic = /^__(?:data|rel)_loc\b/.test(type);
    return [{ type: type.replace(/^__(?:data|rel)_loc\s+/, ""), name, size: Number(size), signed: signed === "1", isDynamic, ...(length === undefined || length === "" ? {} : { length: Number(length) }) }];
  });
  const print = /^print fmt:(.*)$/m.exec(text)?.[1] ?? "";
  return { fields, names: firstNames(print) };
}

/** The list of pairs that comes first and has more than one of them: the pairs of one list follow each other. */
function firstNames(print: string): ReadonlyMap<number, string> {
  const list = /(?:\{\s*-?(?:0x[0-9a-fA-F]+|\d+)U?L*,\s*"[^"]*"\s*\}\s*,?\s*)+/.exec(print)?.[0] ?? "";
  const pairs = [...list.matchAll(/\{\s*(-?(?:0x[0-9a-fA-F]+|\d+))U?L*,\s*"([^"]*)"\s*\}/g)];
  return new Map(pairs.map(([, value = "", name = ""]) => [Number(value), name]));
}
