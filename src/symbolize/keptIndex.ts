import { join } from "node:path";
import type { BuildId } from "../base/brands";
import { cacheFolder } from "../base/cacheFolder";
import { sumOf } from "../base/keptRecords";
import { hostIsLittle } from "../base/words";
import { BlockStore, type BlockFile } from "./blockStore";
import type { OpenFile } from "./openFile";

/** Changes with what is kept, and how: an index of another version is not found, and in time dropped. */
const version = 3;
const budget = 512 * 2 ** 20;

/**
 * The index of a file of this machine, kept in the user's cache under its build id, size and time of change: its symbols in order and
 * by name, the units by address, and of each unit that was used its functions and stops in its line program.
 */
export class KeptIndex {
  private constructor(
    private readonly store: BlockStore,
    private readonly key: string,
  ) {}

  /** undefined for files elsewhere, and those that do not tell which build they are. */
  static of(file: OpenFile, buildId: BuildId | undefined): KeptIndex | undefined {
    if (buildId === undefined || file.modified === undefined) return undefined;
    const key = [buildId, file.size.toString(36), Math.floor(file.modified * 1000).toString(36), version, hostIsLittle ? "le" : "be"].join("-");
    return new KeptIndex(new BlockStore(join(cacheFolder(), "index"), budget, sumOf), key);
  }

  /** undefined when nothing is kept. */
  read(): BlockFile | undefined {
    return this.store.openExisting(this.key);
  }

  /** undefined when nothing can be kept. */
  write(): BlockFile | undefined {
    return this.store.open(this.key);
  }
}
