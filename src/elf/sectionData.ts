import { ByteReader } from "../base/byteReader";
import { describeError, DomainError } from "../base/errors";
import { ELFCOMPRESS, SHF } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { inflate, inflatesPrefix, isKnownCompression } from "./inflate";
import { readRange, readRanges, type Reading } from "./reading";
import type { SectionHeader } from "./sectionHeader";

export interface Span {
  readonly offset: number;
  readonly length: number;
  /** Memory for the bytes, at least as many, that may be used: see ByteRange. */
  readonly room?: Uint8Array;
}

/** The content of a section as its users see it: plain, whatever it is in the file. */
export interface SectionData {
  /** `file: .section`, for messages. */
  readonly where: string;
  /** Bytes of the content. */
  readonly size: number;
  /** The content is in the file as it is here: reading more than is wanted gives the same bytes, and costs little. */
  readonly isPlain: boolean;
  /** All of it, once it is here. */
  readonly whole?: Uint8Array | undefined;
  /** Several spans at once, each cut off at the section's end. */
  readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]>;
}

export function* readSpan(section: SectionData, offset: number, length: number): Reading<Uint8Array> {
  const [bytes] = yield* section.readSpans([{ offset, length }]);
  return bytes ?? new Uint8Array();
}

/** Packed bytes that are inflated at least. */
const smallestTaken = 0x1_0000;
/** No kernel's section comes near; a damaged header must not make us allocate more. */
const largestInflated = 2 ** 30;

/** The content of a section, inflated when it is compressed. No relocations are applied. */
export function openSection(elf: ElfFile, section: SectionHeader): SectionData {
  const where = `${elf.file.name}: ${section.name}`;
  if (section.flags & SHF.COMPRESSED || section.name.startsWith(".zdebug_")) return new InflatedSection(elf, section, where);
  return new PlainSection(elf, section, where);
}

class PlainSection implements SectionData {
  readonly isPlain = true;

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
        return { file: this.elf.file, offset: this.section.offset + offset, length, ...(span.room && { room: span.room }) };
      }),
    );
  }
}

/**
 * A compressed section. It can be inflated only from its start, so that is done as far as somebody asks,
 * and what came out is kept: a lookup needs no more of a vmlinux than what lies before its unit.
 * Whoever asks for more later pays for the start again, but for twice as much at least.
 */
class InflatedSection implements SectionData {
  readonly isPlain = false;
  private header: CompressionHeader | undefined;
  private content: Uint8Array = new Uint8Array();
  /** Packed bytes that `content` was made of. */
  private taken = 0;

  constructor(
    private readonly elf: ElfFile,
    private readonly section: SectionHeader,
    readonly where: string,
  ) {}

  get size(): number {
    return this.header?.plainSize ?? Number.MAX_SAFE_INTEGER;
  }

  *readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]> {
    const header = (this.header ??= yield* this.readHeader());
    const clipped = spans.map((span) => clip(this, span));
    const end = clipped.reduce((most, { offset, length }) => Math.max(most, offset + length), 0);
    while (this.content.length < end) yield* this.inflateTo(header, end);
    return clipped.map(({ offset, length }) => new Uint8Array(this.content.buffer, this.content.byteOffset + offset, length));
  }

  private *readHeader(): Reading<CompressionHeader> {
    const { offset, size, flags } = this.section;
    const bytes = yield* readRange(this.elf.file, offset, Math.min(24, size));
    const header = flags & SHF.COMPRESSED ? this.compressionHeader(bytes) : zdebugHeader(bytes, this.where);
    if (header.plainSize > largestInflated) throw new DomainError("elf/bad-compression", `${header.plainSize} bytes inflated is beyond any sense`, this.where);
    if (!isKnownCompression(header.algorithm)) throw new DomainError("elf/compression-unsupported", `it is compressed with method ${header.algorithm}`, this.where);
    return header;
  }

  private *inflateTo({ algorithm, plainSize, header }: CompressionHeader, end: number): Reading<void> {
    const whole = this.section.size - header;
    if (this.taken >= whole) throw new DomainError("elf/bad-compression", `cannot inflate: ${this.content.length} bytes instead of ${plainSize}`, this.where);
    // As if all of it were packed equally well, and a little more.
    const guess = Math.ceil((end / plainSize) * whole * 1.05) + smallestTaken;
    this.taken = inflatesPrefix(algorithm) ? Math.min(whole, Math.max(guess, 2 * this.taken)) : whole;
    const packed = yield* readRange(this.elf.file, this.section.offset + header, this.taken);
    try {
      this.content = inflate(algorithm, packed, plainSize);
    } catch (error) {
      throw new DomainError("elf/bad-compression", `cannot inflate: ${describeError(error)}`, this.where, { cause: error });
    }
    if (this.content.length > plainSize) throw new DomainError("elf/bad-compression", `cannot inflate: more than ${plainSize} bytes`, this.where);
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

export function clip(section: SectionData, { offset, length }: Span): Span {
  // A number that is none is outside too.
  if (!(offset >= 0 && offset <= section.size && length >= 0)) {
    throw new DomainError("elf/truncated", `offset 0x${offset.toString(16)} is outside of ${section.size} bytes`, section.where);
  }
  return { offset, length: Math.max(0, Math.min(length, section.size - offset)) };
}
