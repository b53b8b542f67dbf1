import { CostCache } from "../base/costCache";
import type { Reading } from "../elf/reading";
import { readAbbrevTable, type AbbrevPlaces, type AbbrevTable } from "./abbrev";
import type { Encoding } from "./encoding";
import type { DwarfSections } from "./sections";

const tablesKept = 256;

/** Abbreviation tables of a file; units may share one. */
export class AbbrevCache {
  private readonly tables = new CostCache<string, AbbrevTable>(tablesKept);

  constructor(private readonly sections: DwarfSections) {}

  /** @param kept what was kept of the table, where that is known */
  *table(offset: number, encoding: Encoding, kept?: AbbrevPlaces): Reading<AbbrevTable> {
    // A table is compiled for one encoding, as that decides the sizes of its forms.
    const key = [offset, encoding.version, encoding.offsetSize, encoding.addressSize].join(":");
    const known = this.tables.get(key);
    if (known) return known;
    const table = yield* readAbbrevTable(this.sections.abbrev, offset, encoding, this.sections.endianness, kept);
    this.tables.set(key, table, 1);
    return table;
  }
}
