import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { openElf, type ElfFile } from "../elf/elfFile";
import { readBuildId } from "../elf/notes";
import { readSupplementaryLink, type SupplementaryLink } from "../elf/supplementaryLink";
import { buildIdFile } from "./debuginfoPlaces";
import { drive } from "./drive";
import { openLocalFile, type OpenFile } from "./openFile";

/** The file with what several debug files share (dwz), opened. */
export interface SupplementaryFile {
  readonly file: OpenFile;
  readonly elf: ElfFile;
}

/** Why names will be missing. */
export interface NoSupplementaryFile {
  readonly message: string;
}

/** undefined when the file needs none. Looked for beside the file and in the folder of build ids; used only when its build id is the right one. */
export async function openSupplementaryFile(elf: ElfFile, file: OpenFile): Promise<SupplementaryFile | NoSupplementaryFile | undefined> {
  const link = await drive(readSupplementaryLink(elf));
  if (!link) return undefined;
  if (file.isElsewhere) return { message: `Names that ${file.name} shares with other files are in ${link.path}, which is not read from there.` };
  for (const place of placesOf(link, file.name)) {
    if (!existsSync(place)) continue;
    const found = await openChecked(place, link);
    if (found) return found;
  }
  return { message: `Names that ${file.name} shares with other files are in ${link.path}${link.buildId === undefined ? "" : ` (build id ${link.buildId})`}, which was not found.` };
}

function placesOf({ path, buildId }: SupplementaryLink, name: string): string[] {
  const folders = [dirname(name), ...(existsSync(name) ? [dirname(realpathSync(name))] : [])];
  const named = isAbsolute(path) ? [path] : [...new Set(folders)].map((folder) => resolve(folder, path));
  return buildId === undefined ? named : [...named, join("/usr/lib/debug", buildIdFile(buildId))];
}

async function openChecked(path: string, { buildId }: SupplementaryLink): Promise<SupplementaryFile | undefined> {
  const file = openLocalFile(path);
  try {
    const elf = await drive(openElf(file));
    if (buildId === undefined || (await drive(readBuildId(elf))) === buildId) return { file, elf };
  } catch {
    // Not one that can be read: the next place may have it.
  }
  await file.close();
  return undefined;
}
