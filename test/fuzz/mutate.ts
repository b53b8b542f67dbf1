import type { ElfFile} from "../../src/elf/elfFile";
import { openElf } from "../../src/elf/elfFile";
import { memoryFile, read } from "../support/memoryFile";
import type { CorpusFile } from "./corpus";

/** Bytes and words at which readers go wrong: signs, sizes, the ends of LEB128 numbers, opcodes. */
const bytes = [0, 1, 2, 3, 4, 5, 9, 0x0d, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xfe, 0xff];
const words = [0, 1, 3, 4, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff];

type Random = () => number;

/** Where it is worth changing something: the headers, and the sections that are read. */
export interface Region {
  readonly start: number;
  readonly length: number;
}

const isRead = /^\.(z?debug_(info|abbrev|line|line_str|str|str_offsets|addr|aranges|ranges|rnglists)|rela?\.debug_.*|symtab|strtab|shstrtab|note.*|notes|gnu_debugaltlink)$/;

export function regionsOf({ bytes: file, name }: CorpusFile): Region[] {
  const whole = [{ start: 0, length: Math.min(64, file.length) }];
  try {
    const elf: ElfFile = read(openElf(memoryFile(file, name)));
    const { offset, entrySize } = elf.header.sectionHeaders;
    const sections = elf.sections.filter((section) => isRead.test(section.name) && section.size > 0 && section.offset + section.size <= file.length);
    return [...whole, { start: offset, length: elf.sections.length * entrySize }, ...sections.map(({ offset: start, size: length }) => ({ start, length }))];
  } catch {
    return whole;
  }
}

/** A damaged copy: up to eight changes in up to two regions, and now and then an end too early. */
export function mutate(file: CorpusFile, regions: readonly Region[], random: Random): Uint8Array {
  const copy = Uint8Array.from(file.bytes);
  const below = (limit: number): number => Math.floor(random() * limit);
  const some = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  const own = [some(regions), some(regions)];
  for (let left = 1 + below(8); left > 0; left--) {
    const region = some(own);
    if (!region || region.length === 0) continue;
    change(copy, region, below);
  }
  return below(16) === 0 ? copy.subarray(0, below(copy.length)) : copy;
}

function change(copy: Uint8Array, { start, length }: Region, below: (limit: number) => number): void {
  const at = start + below(length);
  const view = new DataView(copy.buffer);
  switch (below(8)) {
    case 0:
      copy[at] = below(256);
      return;
    case 1:
      copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
      return;
    case 2:
    case 3:
      copy[at] = bytes[below(bytes.length)] ?? 0;
      return;
    case 4:
      if (at + 4 <= copy.length) view.setUint32(at, words[below(words.length)] ?? 0, below(2) === 0);
      return;
    case 5:
      copy.copyWithin(at, start + below(length), Math.min(copy.length, start + length));
      return;
    case 6:
      copy.fill(below(2) * 0xff, at, Math.min(copy.length, at + below(24)));
      return;
    default:
      // A number that is off by little: siblings, lengths and offsets that lead elsewhere.
      if (at + 4 <= copy.length) view.setUint32(at, (view.getUint32(at, true) + below(33) - 16) >>> 0, true);
  }
}
