import { CostCache } from "../base/costCache";
import type { Reading } from "../elf/reading";
import { readAbbrevTable, type Abbrev, type AbbrevPlaces, type AbbrevTable } from "./abbrev";
import type { Encoding } from "./encoding";
import type { DwarfSections } from "./sections";

/** Units that are loaded hold their own: this is for those of units that share one. */
const tablesKept = 32;
/** No kernel has as many different ones. */
const declarationsKept = 20_000;

/** Abbreviation tables of a file; units may share one. */
export class AbbrevCache {
  private readonly tables = new CostCache<string, AbbrevTable>(tablesKept);

  /** Compiled declarations by their encoding and bytes: a compiler writes the same ones into the tables of all units. */
  private readonly compiled = new Map<string, Abbrev>();

  constructor(private readonly sections: DwarfSections) {}

  /** @param kept what was kept of the table, where that is known */
  *table(offset: number, encoding: Encoding, kept?: AbbrevPlaces): Reading<AbbrevTable> {
    // A table is compiled for one encoding, as that decides the sizes of its forms.
    const key = [offset, encoding.version, encoding.offsetSize, encoding.addressSize].join(":");
    const known = this.tables.get(key);
    if (known) return known;
    if (this.compiled.size > declarationsKept) this.compiled.clear();
    const table = yield* readAbbrevTable(this.sections.abbrev, offset, encoding, this.sections.endianness, { kept, compiled: this.compiled });
    this.tables.set(key, table, 1);
    return table;
  }
}
