import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import type { Reading } from "../elf/reading";
import { readSpan } from "../elf/sectionData";
import type { AbbrevPlaces, AbbrevTable } from "./abbrev";
import type { AbbrevCache } from "./abbrevCache";
import { Attributes } from "./attributes";
import { readInitialLength, readPc } from "./encoding";
import { EntryCursor, type UnitContent } from "./entryCursor";
import { RangeLists } from "./ranges";
import { required, type DwarfSections } from "./sections";
import { longestUnitHeader, parseUnitHeader, type UnitHeader } from "./unitHeader";

/** One unit of .debug_info, whole, with the attributes of its first entry. */
export interface Unit extends UnitContent {
  readonly root: Attributes;
  /** Where the children of the first entry begin; undefined when it has none. */
  readonly children: number | undefined;
  readonly tag: number;
  readonly rangeLists: RangeLists;
  /** For whoever reads entries, one at a time. */
  readonly cursor: EntryCursor;
}

/** @param room for its bytes */
export function* readUnitHeader(sections: DwarfSections, offset: number, room?: Uint8Array): Reading<UnitHeader> {
  const [bytes = new Uint8Array()] = yield* sections.info.readSpans([{ offset, length: longestUnitHeader, ...(room && { room }) }]);
  const header = parseUnitHeader(new ByteReader(bytes, sections.endianness, sections.info.where, 0, offset));
  if (header.end > sections.info.size) throw new DomainError("dwarf/bad-unit", "unit reaches beyond the section", `${sections.info.where}+0x${offset.toString(16)}`);
  return header;
}

export function* readUnit(sections: DwarfSections, header: UnitHeader, abbrevCache: AbbrevCache, abbrevPlaces?: AbbrevPlaces): Reading<Unit> {
  const bytes = yield* readSpan(sections.info, header.offset, header.end - header.offset);
  return yield* openUnit(sections, header, bytes, yield* abbrevCache.table(sections.abbrev, header.abbrevOffset, header, abbrevPlaces));
}

/** The unit's first entry only, for an index of all units: `children` and everything below are not readable. */
export function* readUnitRoot(sections: DwarfSections, header: UnitHeader, abbrevCache: AbbrevCache): Reading<Unit> {
  const bytes = yield* readSpan(sections.info, header.offset, Math.min(rootPeek, header.end - header.offset));
  return yield* openUnit(sections, header, bytes, yield* abbrevCache.table(sections.abbrev, header.abbrevOffset, header));
}

/** More than the attributes of a unit's first entry need, unless they hold strings of their own. */
const rootPeek = 4096;

function* openUnit(sections: DwarfSections, header: UnitHeader, bytes: Uint8Array, abbrevs: AbbrevTable): Reading<Unit> {
  const { endianness, info, layout } = sections;
  const content: UnitContent = { header, abbrevs, bytes, addresses: undefined, endianness, where: info.where, base: layout.base };
  const first = readRoot(content);
  if (first.root.addrBase < 0) return { ...content, ...first, rangeLists: new RangeLists(sections, content, first.root) };
  // The first entry's own addresses may be indexes into the table whose place it names.
  const addresses = yield* readAddressTable(sections, header, first.root.addrBase);
  const complete = { ...content, addresses };
  const again = readRoot(complete);
  return { ...complete, ...again, rangeLists: new RangeLists(sections, complete, again.root) };
}

function readRoot(content: UnitContent): Pick<Unit, "root" | "children" | "tag" | "cursor"> {
  const cursor = new EntryCursor(content).seek(content.header.firstEntry);
  const abbrev = cursor.done ? undefined : cursor.enter();
  if (!abbrev) return { root: new Attributes(), children: undefined, tag: 0, cursor };
  const root = cursor.read(abbrev);
  return { root, children: abbrev.hasChildren ? cursor.offset : undefined, tag: abbrev.tag, cursor };
}

/** DWARF 7.27: `base` points behind the table's header. */
function* readAddressTable(sections: DwarfSections, header: UnitHeader, base: number): Reading<Float64Array> {
  const section = required(sections, "addr");
  const headerSize = header.offsetSize === 8 ? 16 : 8;
  const start = yield* readSpan(section, base - headerSize, headerSize);
  const { length } = readInitialLength(new ByteReader(start, sections.endianness, section.where, 0, base - headerSize));
  const bytes = yield* readSpan(section, base, length - 4);
  const reader = new ByteReader(bytes, sections.endianness, section.where, 0, base);
  const count = Math.floor(bytes.length / header.addressSize);
  return Float64Array.from({ length: count }, () => readPc(reader, header.addressSize, sections.layout.base));
}
