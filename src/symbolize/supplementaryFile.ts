import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { openElf, type ElfFile } from "../elf/elfFile";
import { readBuildId } from "../elf/notes";
import { readSupplementaryLink, type SupplementaryLink } from "../elf/supplementaryLink";
import { buildIdFile, cachedPlaces } from "./debuginfoPlaces";
import { isMissing, type DebugFile, type DebugFiles } from "./debugFile";
import { drive } from "./drive";
import { openLocalFile, openRangeSource, type OpenFile } from "./openFile";

/** The file with what several debug files share (dwz), opened. */
export interface SupplementaryFile {
  readonly file: OpenFile;
  readonly elf: ElfFile;
}

/** Why names will be missing. */
export interface NoSupplementaryFile {
  readonly message: string;
}

/**
 * undefined when the file needs none. Looked for beside the file and in the folders of build ids; where it is not on this machine, `elsewhere`
 * is asked. Used only when its build id is the right one.
 */
export async function openSupplementaryFile(elf: ElfFile, file: OpenFile, elsewhere: DebugFiles["supplementary"]): Promise<SupplementaryFile | NoSupplementaryFile | undefined> {
  const link = await drive(readSupplementaryLink(elf));
  if (!link) return undefined;
  for (const place of file.isElsewhere ? [] : placesOf(link, file.name)) {
    const found = existsSync(place) ? await openChecked(place, link) : undefined;
    if (found) return found;
  }
  const answer = await elsewhere?.(link, file.name);
  const found = answer && !isMissing(answer) ? await openChecked(answer.file, link) : undefined;
  if (found) return found;
  const id = link.buildId === undefined ? "" : ` (build id ${link.buildId})`;
  const reason = answer && isMissing(answer) ? `: ${answer.message}` : ", which was not found.";
  return { message: `Names that ${file.name} shares with other files are in ${link.path}${id}${reason}` };
}

function placesOf({ path, buildId }: SupplementaryLink, name: string): string[] {
  const folders = [dirname(name), ...(existsSync(name) ? [dirname(realpathSync(name))] : [])];
  const named = isAbsolute(path) ? [path] : [...new Set(folders)].map((folder) => resolve(folder, path));
  return buildId === undefined ? named : [...named, join("/usr/lib/debug", buildIdFile(buildId)), ...cachedPlaces(buildId)];
}

async function openChecked(place: DebugFile["file"], { buildId }: SupplementaryLink): Promise<SupplementaryFile | undefined> {
  const file = typeof place === "string" ? openLocalFile(place) : openRangeSource(place);
  try {
    const elf = await drive(openElf(file));
    if (buildId === undefined || (await drive(readBuildId(elf))) === buildId) return { file, elf };
  } catch {
    // Not one that can be read: the next place may have it.
  }
  await file.close();
  return undefined;
}
