import type { Reading } from "../elf/reading";
import type { LineProgram } from "./lineProgram";
import { required, type DwarfSections } from "./sections";
import { readString, readStrings, type StringContext } from "./strings";
import type { Unit } from "./unit";

export interface PcPlace {
  /** As the line table composes it: absolute, or relative to `compDir`. */
  readonly path: string;
  readonly compDir: string | undefined;
  readonly line: number;
  /** 0: not given. */
  readonly column: number;
}

/** A place with its file as an index into the unit's file table. Line 0 or less, file -1: not given. */
export interface RawPlace {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

export const stringsOf = (sections: DwarfSections, unit: Unit): StringContext => ({
  sections,
  header: unit.header,
  strOffsetsBase: unit.root.strOffsetsBase,
  inline: sections.info,
});

/** Names the files of a unit's places, reading only the names that are needed, each once. */
export class PlaceNames {
  private compDir: { readonly text: string | undefined } | undefined;
  /** By file. One without a path may get it yet: line programs can define files. */
  private readonly paths = new Map<number, string>();

  constructor(
    private readonly sections: DwarfSections,
    private readonly unit: Unit,
    private readonly lines: LineProgram,
  ) {}

  /** undefined when some names were not read yet. */
  known(places: readonly (RawPlace | undefined)[]): readonly (PcPlace | undefined)[] | undefined {
    const { compDir } = this;
    return compDir && places.every((place) => !isGiven(place) || this.paths.has(place.file)) ? places.map((place) => this.named(place, compDir.text)) : undefined;
  }

  /** Several places, whose names are asked for together. */
  *of(places: readonly (RawPlace | undefined)[]): Reading<readonly (PcPlace | undefined)[]> {
    const { text } = (this.compDir ??= { text: yield* this.readCompDir() });
    const missing = new Set<number>();
    for (const place of places) if (isGiven(place) && !this.paths.has(place.file)) missing.add(place.file);
    if (missing.size > 0) yield* this.readPaths([...missing]);
    return places.map((place) => this.named(place, text));
  }

  private named(place: RawPlace | undefined, compDir: string | undefined): PcPlace | undefined {
    const path = isGiven(place) ? this.paths.get(place.file) : undefined;
    return place && path !== undefined ? { path, compDir, line: place.line, column: Math.max(0, place.column) } : undefined;
  }

  private *readCompDir(): Reading<string | undefined> {
    const { compDir } = this.unit.root;
    return compDir && (yield* readString(stringsOf(this.sections, this.unit), compDir));
  }

  private *readPaths(files: readonly number[]): Reading<void> {
    const { header } = this.lines;
    const context = { ...stringsOf(this.sections, this.unit), inline: required(this.sections, "line"), header };
    const known = files.flatMap((file) => {
      const entry = header.tables.file(file);
      // Directory 0 is the compilation directory: names in it stay relative to it.
      return entry ? [{ file, name: entry.name, directory: entry.directory === 0 ? undefined : header.tables.directory(entry.directory) }] : [];
    });
    const names = yield* readStrings(context, known.map(({ name }) => name));
    const withDirectory = known.filter(({ directory }) => directory);
    const directories = yield* readStrings(context, withDirectory.flatMap(({ directory }) => directory ?? []));
    for (const [index, entry] of known.entries()) {
      const name = names[index];
      if (name !== undefined) this.paths.set(entry.file, joinPath(directories[withDirectory.indexOf(entry)], name));
    }
  }
}

const isGiven = (place: RawPlace | undefined): place is RawPlace => place !== undefined && place.line > 0;

const joinPath = (directory: string | undefined, name: string): string =>
  directory === undefined || directory === "" || name.startsWith("/") ? name : `${directory}/${name}`;
