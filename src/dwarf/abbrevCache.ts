import type { Endianness } from "../base/byteReader";
import { CostCache } from "../base/costCache";
import type { Reading } from "../elf/reading";
import type { SectionData } from "../elf/sectionData";
import { readAbbrevTable, type AbbrevPlaces, type AbbrevTable } from "./abbrev";
import { CompiledAbbrevs } from "./compiledAbbrevs";
import type { Encoding } from "./encoding";

/** Units that are loaded hold their own: this is for those of units that share one. */
const tablesKept = 32;

/** Abbreviation tables of a file; units may share one. */
export class AbbrevCache {
  private readonly tables = new CostCache<string, AbbrevTable>(tablesKept);

  private readonly compiled = new CompiledAbbrevs();

  constructor(private readonly endianness: Endianness) {}

  /** @param kept what was kept of the table, where that is known */
  *table(section: SectionData, offset: number, encoding: Encoding, kept?: AbbrevPlaces): Reading<AbbrevTable> {
    // A table is compiled for one encoding, as that decides the sizes of its forms.
    const key = [offset, encoding.version, encoding.offsetSize, encoding.addressSize].join(":");
    const known = this.tables.get(key);
    if (known) return known;
    const table = yield* readAbbrevTable(section, offset, encoding, this.endianness, { kept, compiled: this.compiled });
    this.tables.set(key, table, 1);
    return table;
  }
}
