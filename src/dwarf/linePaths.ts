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

/** Names the files of several places of one unit, reading only the names that are needed. */
export function* readPlaces(
  sections: DwarfSections,
  unit: Unit,
  lines: LineProgram,
  places: readonly (RawPlace | undefined)[],
): Reading<readonly (PcPlace | undefined)[]> {
  const { compDir: compDirRef } = unit.root;
  const compDir = compDirRef && (yield* readString(stringsOf(sections, unit), compDirRef));
  const files = [...new Set(places.flatMap((place) => (place && place.line > 0 ? [place.file] : [])))];
  const paths = yield* readPaths(sections, unit, lines, files);
  return places.map((place) => {
    const path = place && place.line > 0 ? paths.get(place.file) : undefined;
    return place && path !== undefined ? { path, compDir, line: place.line, column: Math.max(0, place.column) } : undefined;
  });
}

function* readPaths(sections: DwarfSections, unit: Unit, { header }: LineProgram, files: readonly number[]): Reading<Map<number, string>> {
  const context = { ...stringsOf(sections, unit), inline: required(sections, "line"), header };
  const known = files.flatMap((file) => {
    const entry = header.tables.file(file);
    // Directory 0 is the compilation directory: names in it stay relative to it.
    return entry ? [{ file, name: entry.name, directory: entry.directory === 0 ? undefined : header.tables.directory(entry.directory) }] : [];
  });
  const names = yield* readStrings(context, known.map(({ name }) => name));
  const withDirectory = known.filter(({ directory }) => directory);
  const directories = yield* readStrings(context, withDirectory.flatMap(({ directory }) => directory ?? []));
  const paths = new Map<number, string>();
  for (const [index, entry] of known.entries()) {
    const name = names[index];
    if (name !== undefined) paths.set(entry.file, joinPath(directories[withDirectory.indexOf(entry)], name));
  }
  return paths;
}

const joinPath = (directory: string | undefined, name: string): string =>
  directory === undefined || directory === "" || name.startsWith("/") ? name : `${directory}/${name}`;
