import { ByteReader, type Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";

export interface ElfHeader {
  readonly wordSize: 4 | 8;
  readonly endianness: Endianness;
  /** ET_REL, ET_EXEC, ET_DYN … */
  readonly type: number;
  readonly machine: number;
  /** File offset, entry size and number of section headers; the number is 0 when section 0 carries it. */
  readonly sectionHeaders: { readonly offset: number; readonly entrySize: number; readonly count: number; readonly namesIndex: number };
}

/** Enough for the header of either class. */
export const elfHeaderSize = 64;

/** Containers that hold an ELF file; none of them is read in place. */
const containers: readonly [name: string, magic: readonly number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

/** gABI, "ELF Header". `bytes` are the first `elfHeaderSize` bytes, fewer only in a 32-bit file. */
export function parseElfHeader(bytes: Uint8Array, name: string): ElfHeader {
  checkMagic(bytes, name);
  const wordSize = bytes[4] === 1 ? 4 : bytes[4] === 2 ? 8 : undefined;
  const endianness = bytes[5] === 1 ? "little" : bytes[5] === 2 ? "big" : undefined;
  if (!wordSize || !endianness) throw new DomainError("elf/bad-header", "the ELF class or byte order is neither of the two", `${name}+0x4`);
  const reader = new ByteReader(bytes, endianness, name, 16);
  const word = (): number => (wordSize === 8 ? reader.size64() : reader.u32());
  const type = reader.u16();
  const machine = reader.u16();
  reader.skip(4 + 2 * wordSize); // e_version, e_entry, e_phoff
  const offset = word();
  reader.skip(4 + 2 + 2 + 2); // e_flags, e_ehsize, e_phentsize, e_phnum
  const sectionHeaders = { offset, entrySize: reader.u16(), count: reader.u16(), namesIndex: reader.u16() };
  return { wordSize, endianness, type, machine, sectionHeaders };
}

function checkMagic(bytes: Uint8Array, name: string): void {
  const starts = (magic: readonly number[]): boolean => magic.every((byte, index) => bytes[index] === byte);
  if (starts([0x7f, 0x45, 0x4c, 0x46])) return;
  const container = containers.find(([, magic]) => starts(magic));
  if (container) throw new DomainError("elf/compressed-file", `it is compressed with ${container[0]}; unpack it first`, name);
  if (starts([0x4d, 0x5a]) || isBzImage(bytes)) throw new DomainError("elf/boot-image", "it is a boot image (vmlinuz), not a vmlinux", name);
  throw new DomainError("elf/not-elf", "it is not an ELF file", name);
}

const isBzImage = (bytes: Uint8Array): boolean => bytes.length > 1 && bytes[0] === 0xeb && bytes[1] !== undefined && bytes[1] > 0x40;
