import type { Reading } from "../elf/reading";
import { supplementaryEntries } from "./attributes";
import type { StringRef } from "./form";
import { stringsOf } from "./linePaths";
import type { DwarfSections } from "./sections";
import { readStrings } from "./strings";
import type { Unit } from "./unit";

const namesKept = 50_000;
/** An origin leads to a declaration and that to another at most; longer chains are loops. */
const longestChain = 8;

interface NameRef {
  readonly unit: Unit;
  readonly ref: StringRef;
}

/**
 * Names of functions by their entries, offsets in .debug_info. A concrete function names its abstract instance, a definition its
 * declaration (DWARF 2.13.2, 3.3.8.2); these may be in other units, and in the supplementary file.
 */
export class FunctionNames {
  /** Forgotten all together: a name is read again sooner than the order of use is kept. */
  private readonly names = new Map<number, string | undefined>();

  constructor(
    private readonly unitHolding: (entry: number) => Reading<Unit | undefined>,
    /** Of an entry there. */
    private readonly supplementaryName: (entry: number) => Reading<string | undefined>,
  ) {}

  /** -1 stands for no entry. undefined when some names were not read yet. */
  known(entries: readonly number[]): readonly (string | undefined)[] | undefined {
    const names: (string | undefined)[] = [];
    for (const entry of entries) {
      const name = this.names.get(entry);
      if (name === undefined && entry >= 0 && !this.names.has(entry)) return undefined;
      names.push(name);
    }
    return names;
  }

  /**
   * Strings are asked for together.
   *
   * @param near where most entries are
   * @param sections for the strings
   */
  *of(entries: readonly number[], near: Unit | undefined, sections: DwarfSections): Reading<readonly (string | undefined)[]> {
    if (this.names.size > namesKept) this.names.clear();
    let wanted: (NameRef & { readonly entry: number })[] = [];
    for (const entry of entries) {
      if (entry < 0 || this.names.has(entry)) continue;
      const found = nameIn(near, entry) ?? (yield* this.find(entry, near));
      if (typeof found === "number") this.names.set(entry, yield* this.supplementaryName(found));
      else if (found) wanted.push({ entry, ...found });
    }
    for (let [first] = wanted; first; [first] = wanted) {
      const { unit } = first;
      const own = wanted.filter((item) => item.unit === unit);
      const texts = yield* readStrings(stringsOf(sections, unit), own.map(({ ref }) => ref));
      for (const [index, { entry }] of own.entries()) this.names.set(entry, texts[index]);
      wanted = wanted.filter((item) => item.unit !== unit);
    }
    return entries.map((entry) => this.names.get(entry));
  }

  /** A number: that entry of the supplementary file has the name. */
  private *find(start: number, near: Unit | undefined): Reading<NameRef | number | undefined> {
    let entry = start;
    for (let hop = 0; hop < longestChain && entry >= 0; hop++) {
      if (entry >= supplementaryEntries) return entry - supplementaryEntries;
      const unit = near && holds(near, entry) ? near : yield* this.unitHolding(entry);
      if (!unit) return undefined;
      const found = nameOrNext(unit, entry);
      if (typeof found !== "number") return found && { unit, ref: found };
      entry = found;
    }
    return undefined;
  }
}

/** Without leaving a unit; undefined: that tells nothing. */
function nameIn(unit: Unit | undefined, start: number): NameRef | undefined {
  let entry = start;
  for (let hop = 0; unit && hop < longestChain && holds(unit, entry); hop++) {
    const found = nameOrNext(unit, entry);
    if (typeof found !== "number") return found && { unit, ref: found };
    entry = found;
  }
  return undefined;
}

/** A number: the entry that has the name, perhaps; -1 for none. */
function nameOrNext({ cursor }: Unit, entry: number): StringRef | number | undefined {
  const abbrev = cursor.seek(entry).enter();
  if (!abbrev) return undefined;
  const { name, linkageName, origin, specification } = cursor.readName(abbrev);
  return name ?? linkageName ?? (origin >= 0 ? origin : specification);
}

const holds = ({ header }: Unit, entry: number): boolean => entry >= header.firstEntry && entry < header.end;
