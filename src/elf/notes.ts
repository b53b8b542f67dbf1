import { buildId, type BuildId } from "../base/brands";
import { ByteReader, type Endianness } from "../base/byteReader";
import { SHT } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { readRange, type Reading } from "./reading";

export interface ElfNote {
  readonly owner: string;
  readonly type: number;
  readonly description: Uint8Array;
}

const NT_GNU_BUILD_ID = 3;
/** Build ids are 8 to 32 bytes; anything beyond is damage. */
const longestBuildId = 64;

/** gABI, "Note Section": entries are padded to 4 bytes, in 64-bit files of Linux too. Ends quietly at the first damaged entry. */
export function parseNotes(bytes: Uint8Array, endianness: Endianness): ElfNote[] {
  const notes: ElfNote[] = [];
  const reader = new ByteReader(bytes, endianness, "notes");
  const padded = (length: number): number => Math.min(reader.remaining, (length + 3) & ~3);
  while (reader.remaining >= 12) {
    const [ownerSize, size, type] = [reader.u32(), reader.u32(), reader.u32()];
    if (ownerSize > reader.remaining || size > reader.remaining - padded(ownerSize)) break;
    const owner = Buffer.from(reader.take(padded(ownerSize)).subarray(0, ownerSize)).toString("latin1").replace(/\0+$/, "");
    notes.push({ owner, type, description: reader.take(padded(size)).subarray(0, size) });
  }
  return notes;
}

/** The GNU build id among notes: the text of /sys/kernel/notes, of /sys/module/NAME/notes/… or of an ELF section. */
export function buildIdOfNotes(bytes: Uint8Array, endianness: Endianness): BuildId | undefined {
  const note = parseNotes(bytes, endianness).find(({ owner, type }) => owner === "GNU" && type === NT_GNU_BUILD_ID);
  if (!note || note.description.length === 0 || note.description.length > longestBuildId) return undefined;
  return buildId(Buffer.from(note.description).toString("hex"));
}

/** A vmlinux has it in `.notes`, everything else in `.note.gnu.build-id`. */
export function* readBuildId(elf: ElfFile): Reading<BuildId | undefined> {
  for (const section of elf.sections) {
    if (section.type !== SHT.NOTE || section.size > 0x10000) continue;
    const id = buildIdOfNotes(yield* readRange(elf.file, section.offset, section.size), elf.endianness);
    if (id !== undefined) return id;
  }
  return undefined;
}
