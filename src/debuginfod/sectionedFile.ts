import { closeSync, openSync, readSync } from "node:fs";
import type { BuildId } from "../base/brands";
import type { Endianness } from "../base/byteReader";
import { ET, SHF, SHT } from "../elf/elfConstants";
import { elfHeaderSize, parseElfHeader, type ElfHeader } from "../elf/elfHeader";
import type { DebuginfodClient, Peek } from "./debuginfodClient";
import { executableSegments, writeSectionedElf, type ElfPiece } from "./elfPieces";

/**
 * A linked ELF file of which only some sections are fetched, each when it is first read: a kernel's file is two
 * thirds relocations and code that nobody needs here. debuginfod gives sections by name, but no table of them, so the
 * file is put together anew: the true header's class, machine and executable segments, and then the sections.
 */
export class SectionedFile {
  private readonly descriptors = new Map<ElfPiece, Promise<number>>();

  private constructor(
    readonly name: string,
    readonly size: number,
    private readonly frame: readonly { readonly offset: number; readonly bytes: Uint8Array }[],
    private readonly pieces: readonly PlacedPiece[],
    private readonly fetch: (section: string) => Promise<string | undefined>,
  ) {}

  /**
   * undefined: the server gives no sections of this file, or it is a module, whose sections make sense only together with
   * their relocations.
   */
  static async open(client: DebuginfodClient, id: BuildId, { start, url: name, server }: Peek): Promise<SectionedFile | undefined> {
    const header = parseElfHeader(start.subarray(0, elfHeaderSize), name);
    if (header.type === ET.REL) return undefined;
    const code = executableSegments(start, header);
    const sections = await Promise.all(wanted.map((section) => pieceOf(client, id, { name: section, server, header })));
    const known = sections.filter((section) => section !== undefined);
    if (code.length === 0 || !known.some((section) => section.name === ".debug_info")) return undefined;
    const { size, frame, placed } = writeSectionedElf(header, code, known);
    return new SectionedFile(`${name} (sections)`, size, frame, placed, (section) => client.file(id, { kind: "section", name: section }, [server]));
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    for (const { offset: at, bytes: own } of this.frame) copyPart(own, at, bytes, offset);
    for (const { offset: at, piece } of this.pieces) {
      const [from, to] = [Math.max(at, offset), Math.min(at + piece.size, offset + bytes.length)];
      if (from < to) readSync(await this.open(piece), bytes, from - offset, to - from, from - at);
    }
    return bytes;
  }

  async close(): Promise<void> {
    for (const opened of await Promise.allSettled(this.descriptors.values())) if (opened.status === "fulfilled") closeSync(opened.value);
    this.descriptors.clear();
  }

  private open(piece: ElfPiece): Promise<number> {
    const known = this.descriptors.get(piece);
    if (known) return known;
    const opened = this.fetch(piece.name).then((path) => {
      if (path === undefined) throw new Error(`${piece.name} is gone from the server`);
      return openSync(path, "r");
    });
    this.descriptors.set(piece, opened);
    // A lost link or a “no” is asked again.
    opened.catch(() => this.descriptors.delete(piece));
    return opened;
  }
}

interface PlacedPiece {
  readonly offset: number;
  readonly piece: ElfPiece;
}

const wanted = [
  ".notes", ".note.gnu.build-id", ".symtab", ".strtab", ".debug_info", ".debug_abbrev", ".debug_line", ".debug_aranges", ".debug_str", ".debug_line_str",
  ".debug_rnglists", ".debug_ranges", ".debug_addr", ".debug_str_offsets",
];

/** The size comes with the answer's header; the section itself is fetched later. */
async function pieceOf(client: DebuginfodClient, id: BuildId, { name, server, header: { wordSize, endianness } }: { readonly name: string; readonly server: string; readonly header: ElfHeader }): Promise<ElfPiece | undefined> {
  const artifact = { kind: "section", name } as const;
  const cached = client.cache.look(id, artifact);
  if (cached.state === "missed") return undefined;
  const peek = cached.state === "found" ? undefined : await client.peek(id, artifact, compressionHeader, [server]);
  const size = cached.state === "found" ? cached.size : peek?.size;
  if (size === undefined) return undefined;
  const start = cached.state === "found" ? startOf(cached.path) : (peek?.start ?? new Uint8Array());
  const type = name.startsWith(".note") ? SHT.NOTE : name === ".symtab" ? SHT.SYMTAB : name === ".strtab" ? strtab : progbits;
  return { name, size, type, flags: type === progbits && isCompressed(start, wordSize, endianness) ? SHF.COMPRESSED : 0 };
}

const [progbits, strtab] = [1, 3];
const compressionHeader = 24;

/** Whether a section begins as a compressed one does (gABI, Elf64_Chdr): no unit of debug information has a length of 1 or 2. */
function isCompressed(start: Uint8Array, wordSize: 4 | 8, endianness: Endianness): boolean {
  if (wordSize !== 8 || start.length < compressionHeader) return false;
  const view = new DataView(start.buffer, start.byteOffset);
  const little = endianness === "little";
  return [1, 2].includes(view.getUint32(0, little)) && view.getUint32(4, little) === 0 && [1, 2, 4, 8, 16].includes(Number(view.getBigUint64(16, little)));
}

function startOf(path: string): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    const bytes = new Uint8Array(compressionHeader);
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

function copyPart(from: Uint8Array, at: number, into: Uint8Array, offset: number): void {
  const [first, last] = [Math.max(at, offset), Math.min(at + from.length, offset + into.length)];
  if (first < last) into.set(from.subarray(first - at, last - at), first - offset);
}
