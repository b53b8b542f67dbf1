import { filterPredicate, type FilterPlace } from "../sockdiag/filterPredicate";
import { parseFilter } from "../sockdiag/parseFilter";
import { SocketColumns } from "../sockdiag/socketColumns";
import type { NetworkNamespace, SocketRow } from "./socketModel";
import type { SocketOwners } from "./socketOwners";
import { rowAt } from "./socketRow";
import { readPortRange, type FileTexts } from "./namespaceFiles";

/** A namespace as rows refer to it. */
export interface SocketPlace {
  readonly netns: NetworkNamespace;
  readonly interfaces: ReadonlyMap<number, string>;
  readonly files: FileTexts;
}

export interface SocketSurroundings {
  /** By `columns.netns`. */
  readonly places: ReadonlyMap<number, SocketPlace>;
  readonly owners: SocketOwners;
  /** Nobody has asked yet who holds them, so that `owners` is empty says nothing. */
  readonly ownersUnasked?: true;
  /** Path by number, where it was asked for. */
  readonly cgroups: ReadonlyMap<string, string>;
}

const nowhere: SocketPlace = { netns: { inode: 0, name: "own", isInit: false }, interfaces: new Map(), files: new Map() };

/**
 * Sockets of one look at a host, by index. Kept as columns: an object is made when a row is looked at and forgotten with it, so a
 * million of them cost what their bytes cost. Iterating makes one row after the other.
 */
export class SocketTable implements Iterable<SocketRow> {
  constructor(
    readonly columns: SocketColumns,
    readonly surroundings: SocketSurroundings,
  ) {}

  static empty(): SocketTable {
    return new SocketTable(new SocketColumns("little"), { places: new Map(), owners: new Map(), cgroups: new Map() });
  }

  get length(): number {
    return this.columns.length;
  }

  /** @throws RangeError beyond the last one. */
  row(index: number): SocketRow {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`socket ${index} of ${this.length}`);
    return rowAt(this.columns, index, this.placeOf(index), this.surroundings);
  }

  *[Symbol.iterator](): Generator<SocketRow> {
    for (let index = 0; index < this.length; index++) yield rowAt(this.columns, index, this.placeOf(index), this.surroundings);
  }

  placeOf(index: number): SocketPlace {
    return this.surroundings.places.get(this.columns.netns[index] ?? 0) ?? nowhere;
  }

  /** Indexes of the rows that a filter in the language of ss matches, decided here. @throws FilterError */
  matching(filter: string): Uint32Array {
    const { states, expression } = parseFilter(filter);
    const wanted = expression ? filterPredicate(expression, this.columns, this.filterPlace()) : () => true;
    const found = new Uint32Array(this.length);
    let count = 0;
    for (let row = 0; row < this.length; row++) if (states & (1 << (this.columns.state[row] ?? 0)) && wanted(row)) found[count++] = row;
    return found.slice(0, count);
  }

  private filterPlace(): FilterPlace {
    const { places, cgroups } = this.surroundings;
    const numbers = new Map([...cgroups].map(([id, path]) => [path, BigInt(id)]));
    return {
      portRange: (netns) => readPortRange(places.get(netns)?.files ?? new Map()),
      interfaceIndex: (netns, name) => [...(places.get(netns)?.interfaces ?? [])].find(([, known]) => known === name)?.[0],
      cgroupId: (path) => numbers.get(path),
    };
  }
}
