import { ByteReader } from "../base/byteReader";
import { buildId, type BuildId } from "../base/brands";
import type { ElfFile } from "./elfFile";
import { readRange, type Reading } from "./reading";

/** Which file holds the debug information that several files share (dwz). */
export interface SupplementaryLink {
  /** Absolute, or relative to the folder of the file that names it. */
  readonly path: string;
  /** Build id of that file; undefined when the link has none. */
  readonly buildId: BuildId | undefined;
}

/** `.gnu_debugaltlink`: a path, and behind its NUL the build id. `.debug_sup` of DWARF 5 (7.3.6) says the same with sizes. */
export function* readSupplementaryLink(elf: ElfFile): Reading<SupplementaryLink | undefined> {
  const [gnu, standard] = [elf.sectionWithBytes(".gnu_debugaltlink"), elf.sectionWithBytes(".debug_sup")];
  const section = gnu ?? standard;
  if (!section || section.size > 0x1_0000) return undefined;
  const reader = new ByteReader(yield* readRange(elf.file, section.offset, section.size), elf.endianness, `${elf.file.name}: ${section.name}`);
  if (gnu) return { path: reader.cstring(), buildId: idOf(reader.take(reader.remaining)) };
  reader.skip(2); // version
  // A file may also say that it is the supplementary one.
  if (reader.u8() !== 0) return undefined;
  const path = reader.cstring();
  return { path, buildId: idOf(reader.take(reader.uleb())) };
}

const idOf = (bytes: Uint8Array): BuildId | undefined => (bytes.length > 0 ? buildId(Buffer.from(bytes).toString("hex")) : undefined);
