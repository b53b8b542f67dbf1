import { inflateSync } from "node:zlib";
import { ByteReader } from "../base/byteReader";
import { describeError, DomainError } from "../base/errors";
import { ELFCOMPRESS, SHF } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { readRange, readRanges, type Reading } from "./reading";
import type { SectionHeader } from "./sectionHeader";

export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** The content of a section as its users see it: plain, whatever it is in the file. */
export interface SectionData {
  /** `file: .section`, for messages. */
  readonly where: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Several spans at once, each cut off at the section's end. */
  readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]>;
}

export function* readSpan(section: SectionData, offset: number, length: number): Reading<Uint8Array> {
  const [bytes] = yield* section.readSpans([{ offset, length }]);
  return bytes ?? new Uint8Array();
}

/** No kernel's section comes near; a damaged header must not make us allocate more. */
const largestInflated = 2 ** 30;

/** The content of a section, inflated when it is compressed. No relocations are applied. */
export function openSection(elf: ElfFile, section: SectionHeader): SectionData {
  const where = `${elf.file.name}: ${section.name}`;
  if (section.flags & SHF.COMPRESSED || section.name.startsWith(".zdebug_")) return new InflatedSection(elf, section, where);
  return new PlainSection(elf, section, where);
}

class PlainSection implements SectionData {
  constructor(
    private readonly elf: ElfFile,
    private readonly section: SectionHeader,
    readonly where: string,
  ) {}

  get size(): number {
    return this.section.size;
  }

  *readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]> {
    return yield* readRanges(
      spans.map((span) => {
        const { offset, length } = clip(this, span);
        return { file: this.elf.file, offset: this.section.offset + offset, length };
      }),
    );
  }
}

class InflatedSection implements SectionData {
  private content: Uint8Array | undefined;
  private known: number | undefined;

  constructor(
    private readonly elf: ElfFile,
    private readonly section: SectionHeader,
    readonly where: string,
  ) {}

  get size(): number {
    return this.content?.length ?? this.known ?? Number.MAX_SAFE_INTEGER;
  }

  *readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]> {
    const content = (this.content ??= yield* this.inflate());
    return spans.map((span) => {
      const { offset, length } = clip(this, span);
      return content.subarray(offset, offset + length);
    });
  }

  private *inflate(): Reading<Uint8Array> {
    const { offset, size, flags } = this.section;
    const packed = yield* readRange(this.elf.file, offset, size);
    const { header, plainSize, algorithm } = flags & SHF.COMPRESSED ? this.compressionHeader(packed) : zdebugHeader(packed, this.where);
    if (plainSize > largestInflated) throw new DomainError("elf/bad-compression", `${plainSize} bytes inflated is beyond any sense`, this.where);
    this.known = plainSize;
    if (algorithm !== ELFCOMPRESS.ZLIB) {
      throw new DomainError("elf/compression-unsupported", `it is compressed with ${algorithm === ELFCOMPRESS.ZSTD ? "zstd" : `method ${algorithm}`}`, this.where);
    }
    return inflate(packed.subarray(header), plainSize, this.where);
  }

  /** gABI, "Compression Header". */
  private compressionHeader(bytes: Uint8Array): CompressionHeader {
    const reader = new ByteReader(bytes, this.elf.endianness, this.where);
    const algorithm = reader.u32();
    if (this.elf.header.wordSize === 4) return { algorithm, plainSize: reader.u32(), header: 12 };
    return { algorithm, plainSize: reader.skip(4).size64(), header: 24 };
  }
}

interface CompressionHeader {
  readonly algorithm: number;
  readonly plainSize: number;
  readonly header: number;
}

/** The older GNU notation: "ZLIB" and a big-endian size, in sections named `.zdebug_…`. */
function zdebugHeader(bytes: Uint8Array, where: string): CompressionHeader {
  const reader = new ByteReader(bytes, "big", where);
  if (Buffer.from(reader.take(4)).toString("latin1") !== "ZLIB") throw new DomainError("elf/bad-compression", "the ZLIB mark is missing", where);
  return { algorithm: ELFCOMPRESS.ZLIB, plainSize: reader.size64(), header: 12 };
}

function inflate(bytes: Uint8Array, size: number, where: string): Uint8Array {
  try {
    const plain = inflateSync(bytes, { maxOutputLength: Math.max(1, size) });
    if (plain.length === size) return plain;
    throw new Error(`${plain.length} bytes instead of ${size}`);
  } catch (error) {
    throw new DomainError("elf/bad-compression", `cannot inflate: ${describeError(error)}`, where, { cause: error });
  }
}

function clip(section: SectionData, { offset, length }: Span): Span {
  if (offset < 0 || offset > section.size) {
    throw new DomainError("elf/truncated", `offset 0x${offset.toString(16)} is outside of ${section.size} bytes`, section.where);
  }
  return { offset, length: Math.max(0, Math.min(length, section.size - offset)) };
}
