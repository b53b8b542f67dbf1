/** What sizeof() and offsetof() give on a target. */
import { underlying } from "../btf/typeSet";
import type { Analysis } from "./analysis";
import type { Item, Name, TypeQuery } from "./syntax";
import { structureOf, typeText, type Field, type Structure, type ValueType } from "./valueType";

/** A name of `offsetof(struct x, a.b)` with the structure that it is looked up in. */
export interface PathStep {
  readonly name: Name;
  readonly structure: Structure;
  readonly field?: Field;
}

/** As far as the structures are known; nothing behind a name that is not there. */
export function pathOf(analysis: Analysis, query: TypeQuery, item: Item | undefined): readonly PathStep[] {
  const steps: PathStep[] = [];
  let type = analysis.queried(query, item);
  for (const name of query.fields) {
    const structure = structureOf(type);
    if (!structure) break;
    const field = structure.fields.find((candidate) => candidate.name === name.text);
    steps.push({ name, structure, ...(field && { field }) });
    type = field?.type;
  }
  return steps;
}

/** In words: bytes, or the type of typeof; undefined where that is not known. */
export function queryText(analysis: Analysis, query: TypeQuery, item: Item | undefined): string | undefined {
  const type = analysis.queried(query, item);
  if (query.name.text === "typeof") return type && typeText(type);
  const bytes = query.name.text === "offsetof" ? offsetOf(pathOf(analysis, query, item), query) : query.name.text === "sizeof" ? sizeOf(type) : undefined;
  return bytes === undefined ? undefined : `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
}

/** A field of bits lies at no byte. */
function offsetOf(steps: readonly PathStep[], { fields }: TypeQuery): number | undefined {
  if (steps.length === 0 || steps.length < fields.length) return undefined;
  const offset = steps.reduce((sum, { field }) => sum + (field?.offset ?? NaN), 0);
  return Number.isInteger(offset) ? offset : undefined;
}

function sizeOf(type: ValueType | undefined): number | undefined {
  if (type?.kind === "plain") return sizeOfPlain(type.name);
  if (type?.kind === "array") return times(type.count, sizeOf(type.of));
  const found = type?.kind === "kernel" ? underlying(type.type) : undefined;
  const array = found?.owner.array(found);
  if (found && array) {
    const element = found.owner.type(array.element);
    return times(array.count, element && sizeOf({ kind: "kernel", type: element }));
  }
  return found && ["struct", "union", "int", "enum", "enum64", "float"].includes(found.kind) ? found.target : undefined;
}

const times = (count: number | undefined, size: number | undefined): number | undefined => (count === undefined || size === undefined ? undefined : count * size);

function sizeOfPlain(name: string): number | undefined {
  const bits = /^u?int(8|16|32|64)$/.exec(name)?.[1];
  return bits === undefined ? undefined : Number(bits) / 8;
}
