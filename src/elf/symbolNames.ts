import { hashBytes } from "../base/hashBytes";
import { searchNames } from "./nameSearch";
import type { SymbolEntries } from "./symbolEntries";

/**
 * Finds symbols by name without making a string of any. A few names are searched for one by one, natively;
 * those of a whole stack in one pass; a hash table over all costs more, and is made when many were asked for.
 */
export class SymbolNames {
  private readonly known = new Map<string, number[]>();
  /** Heads of chains by hash, and the next symbol of each chain, both as index + 1; 0 ends a chain. */
  private heads: Uint32Array | undefined;
  private links = new Uint32Array();
  private searches = 0;

  constructor(
    private readonly entries: SymbolEntries,
    private readonly table: Uint8Array,
  ) {}

  /** Finds names that will be asked for, together. */
  prepare(names: Iterable<string>): void {
    const fresh = [...new Set(names)].filter((name) => !this.known.has(name));
    if (fresh.length < namesBeforePass || this.heads || ++this.searches > searchesBeforeHash) return;
    if (fresh.length > namesInPass) {
      this.hashAll();
      return;
    }
    const places = searchNames(this.table, fresh);
    const byOffset = this.entries.withNames(new Set([...places.values()].flat()));
    for (const name of fresh) this.known.set(name, (places.get(name) ?? []).flatMap((offset) => byOffset.get(offset) ?? []).sort((a, b) => a - b));
  }

  /** Indexes in the order of the symbol table. */
  indexesOf(name: string): readonly number[] {
    if (name === "") return [];
    const known = this.known.get(name);
    if (known) return known;
    const bytes = Buffer.from(`${name}\0`);
    if (!this.heads && ++this.searches > searchesBeforeHash) this.hashAll();
    if (this.heads) return this.chained(bytes, this.heads);
    const found = this.searched(bytes);
    this.known.set(name, found);
    return found;
  }

  /** Where the name can begin: linkers let a name be the tail of a longer one. */
  private searched(name: Buffer): number[] {
    const table = Buffer.from(this.table.buffer, this.table.byteOffset, this.table.length);
    const found: number[] = [];
    for (let at = table.indexOf(name); at >= 0; at = table.indexOf(name, at + 1)) found.push(...this.entries.withName(at));
    return found.sort((a, b) => a - b);
  }

  private chained(name: Buffer, heads: Uint32Array): number[] {
    const found: number[] = [];
    const { table, entries, links } = this;
    for (let link = heads[hashBytes(name, 0) & (heads.length - 1)] ?? 0; link > 0; link = links[link] ?? 0) {
      const at = entries.nameAt(link - 1);
      let length = 0;
      while (length < name.length && table[at + length] === name[length]) length++;
      if (length === name.length) found.push(link - 1);
    }
    return found;
  }

  private hashAll(): void {
    const { entries, table } = this;
    const heads = new Uint32Array(2 ** Math.ceil(Math.log2(entries.count + 1)));
    this.links = new Uint32Array(entries.count + 1);
    // From the last to the first, so that each chain is in the order of the table.
    for (let index = entries.count - 1; index >= 0; index--) {
      if (Number.isNaN(entries.pcAt(index))) continue;
      const slot = hashBytes(table, entries.nameAt(index)) & (heads.length - 1);
      this.links[index + 1] = heads[slot] ?? 0;
      heads[slot] = index + 1;
    }
    this.heads = heads;
    this.known.clear();
  }
}

/** For fewer names a native search for each costs less than a pass of our own. */
const namesBeforePass = 4;
/** For more names in one question a hash table over all costs less. */
const namesInPass = 400;
/** After this many searches through all bytes a hash table would have cost less. */
const searchesBeforeHash = 32;
