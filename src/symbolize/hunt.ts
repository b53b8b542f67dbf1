import { readFileSync } from "node:fs";
import type { BuildId } from "../base/brands";
import { describeError } from "../base/errors";
import type { FileStat } from "../target/target";
import { cachedSource } from "./cachedSource";
import type { DebugFile } from "./debugFile";
import { askServers, type ServerFile } from "./debuginfodFiles";
import { debuginfoRemedy } from "./debuginfoRemedy";
import type { DebuginfoSearch, FoundDebuginfo, SearchAttempt } from "./findDebuginfo";
import { inspectFile, inspectHere, type Inspection } from "./inspectFile";
import { keepUnpacked } from "./keptFiles";
import { isFile } from "./moduleFiles";
import { openRangeSource } from "./openFile";
import { lazySource, memorySource, targetFileSource, type RangeSource } from "./rangeSource";
import { CostMeter, metered, type ReadCost } from "./readCost";
import { packingOf, unpack } from "./unpack";

/** One search: remembers why what it saw did not do, and what each look cost. */
export class Hunt {
  private readonly notes: string[] = [];
  private readonly attempts: SearchAttempt[] = [];
  private other: { readonly origin: string; readonly found: BuildId | undefined } | undefined;

  constructor(
    private readonly search: DebuginfoSearch,
    private readonly what: string,
    private readonly expected: BuildId | undefined,
    /** `trace`: a build that a trace names; nobody said that the files at hand are of it. */
    private readonly of: "target" | "trace" = "target",
  ) {}

  note(text: string): void {
    this.notes.push(text);
  }

  /** In files of this machine. `group` names them when none is there. */
  async here(group: string, paths: readonly string[]): Promise<FoundDebuginfo | undefined> {
    const since = performance.now();
    const there = [...new Set(paths)].filter(isFile);
    if (there.length === 0 && paths.length > 0) this.tried(group, `not in ${count(new Set(paths).size, "place")}`, since);
    for (const path of there) {
      const began = performance.now();
      const file = await this.suitableHere(path);
      this.tried(path, file === undefined ? this.lastOutcome : exact, began);
      if (file !== undefined) return this.found(path, file);
    }
    return undefined;
  }

  /** In files of the target, in order of the places; all are looked for at once. */
  async there(places: () => Promise<readonly string[]>): Promise<FoundDebuginfo | undefined> {
    const { target } = this.search;
    if (target.kind === "local" || this.expected === undefined) return undefined;
    const since = performance.now();
    const paths = [...new Set(await places())];
    const stats = await Promise.all(paths.map((path) => this.statThere(path)));
    const there = paths.flatMap((path, index) => (stats[index] ? [{ path, size: stats[index].size }] : []));
    this.tried(target.name, there.length === 0 ? `not in ${count(paths.length, "place")}` : `${count(there.length, "file")} in ${count(paths.length, "place")}`, since);
    for (const { path, size } of there) {
      const found = await this.openThere(path, size);
      if (found) return found;
    }
    return undefined;
  }

  /** From the configured servers; nothing is asked of any other. */
  async onServers(kind: "kernel" | "module"): Promise<FoundDebuginfo | undefined> {
    const { debuginfod, blocks } = this.search;
    if (!debuginfod || debuginfod.servers.length === 0 || this.expected === undefined) return undefined;
    const names = debuginfod.servers.join(", ");
    const [since, before] = [performance.now(), debuginfod.bytes];
    const cost = (): ReadCost => ({ bytes: debuginfod.bytes - before, reads: debuginfod.requests, ms: performance.now() - since });
    try {
      const file = await askServers(debuginfod, this.expected, { kind, blocks });
      if (!file) {
        this.attempts.push({ place: names, outcome: "does not have it", cost: snapshot(cost()) });
        this.note(`${names} ${debuginfod.servers.length === 1 ? "does" : "do"} not have it`);
        return undefined;
      }
      return await this.checkServerFile(file, cost);
    } catch (error) {
      this.attempts.push({ place: names, outcome: describeError(error), cost: snapshot(cost()) });
      this.note(describeError(error));
      return undefined;
    }
  }

  failure(): FoundDebuginfo {
    const { expected, attempts } = this;
    const { facts, target } = this.search;
    const remedy = debuginfoRemedy(facts);
    const common = { attempts, ...(expected !== undefined && { expected }), ...(remedy && { remedy }) };
    if (this.other) {
      const { origin, found } = this.other;
      const has = found === undefined ? "has no build id" : `has build id ${found}`;
      const message =
        expected === undefined
          ? `${origin} ${has}, but the build id of ${this.what} on ${target.name} cannot be read, so nothing tells whether they are of one build.`
          : `${origin} is of another build: it ${has}, but ${this.what} on ${target.name} has ${expected}.`;
      return { state: "mismatch", message, ...common, ...(found !== undefined && { found }) };
    }
    const id = expected === undefined ? "" : ` (build id ${expected})`;
    const places = target.kind === "local" ? "on this machine" : `on this machine or on ${target.name}`;
    const notes = [...(expected === undefined && this.notes.length === 0 ? ["its build id cannot be read"] : []), ...this.notes];
    return { state: "not-found", message: `No debuginfo of ${this.what}${id} was found ${places}${notes.length > 0 ? `: ${notes.join("; ")}` : ""}.`, ...common };
  }

  private lastOutcome = "";

  private tried(place: string, outcome: string, since: number, cost?: ReadCost): void {
    this.attempts.push({ place, outcome, cost: snapshot(cost ?? { bytes: 0, reads: 0, ms: performance.now() - since }) });
  }

  private found(origin: string, file: DebugFile["file"], cost?: ReadCost): FoundDebuginfo {
    const debugFile = { file, ...(this.expected !== undefined && { buildId: this.expected }) };
    return { state: "found", origin, debugFile, attempts: this.attempts, ...(cost && { cost }) };
  }

  private suits(origin: string, inspection: Inspection): boolean {
    if (inspection.kind === "unreadable") {
      this.note(inspection.message);
      this.lastOutcome = inspection.message;
      return false;
    }
    if (this.expected === undefined || inspection.buildId !== this.expected) {
      // A stripped file of another build tells nobody anything.
      if (inspection.kind === "debuginfo" && this.of === "target") this.other ??= { origin, found: inspection.buildId };
      this.lastOutcome = inspection.buildId === undefined ? "has no build id" : `of another build (${inspection.buildId})`;
      return false;
    }
    this.lastOutcome = "has no debug information";
    return inspection.kind === "debuginfo";
  }

  /** The path to read it at: its own, or that of its unpacked copy. */
  private async suitableHere(path: string): Promise<string | undefined> {
    const inspection = await inspectHere(path);
    if (inspection.kind !== "packed") return this.suits(path, inspection) ? path : undefined;
    return this.unpacked(path, () => readFileSync(path));
  }

  private async unpacked(origin: string, read: () => Uint8Array | Promise<Uint8Array>): Promise<string | undefined> {
    try {
      const bytes = await unpack(await read(), origin);
      if (!this.suits(origin, await inspectFile(openRangeSource(memorySource(origin, bytes))))) return undefined;
      return this.expected && keepUnpacked(this.expected, bytes);
    } catch (error) {
      this.suits(origin, { kind: "unreadable", message: describeError(error) });
      return undefined;
    }
  }

  private async statThere(path: string): Promise<FileStat | undefined> {
    const { target } = this.search;
    try {
      const stat = await target.stat(path);
      return stat?.isDirectory ? undefined : stat;
    } catch (error) {
      this.note(`${path} on ${target.name} cannot be looked at (${describeError(error)})`);
      return undefined;
    }
  }

  private async openThere(path: string, size: number): Promise<FoundDebuginfo | undefined> {
    const { target, blocks } = this.search;
    const [meter, since] = [new CostMeter(), performance.now()];
    const remote = lazySource(`${target.name}:${path}`, size, async () => targetFileSource(target.name, await target.openFile(path)));
    const kept = blocks?.open(`${this.expected ?? ""}-${size.toString(16)}`);
    const source = kept ? cachedSource(metered(remote, meter), kept) : metered(remote, meter);
    const done = (outcome: string): void => this.tried(source.name, outcome, since, { bytes: meter.bytes, reads: meter.reads, ms: performance.now() - since });
    try {
      if (packingOf(await source.read(0, 8))) return await this.unpackThere(source, done);
      const inspection = await inspectFile(openRangeSource(source));
      if (this.suits(source.name, inspection)) {
        done(exact);
        return this.found(source.name, source, meter);
      }
    } catch (error) {
      this.suits(source.name, { kind: "unreadable", message: describeError(error) });
    }
    done(this.lastOutcome);
    await source.close();
    return undefined;
  }

  /** A packed module comes over whole: it cannot be read in parts, and is small. */
  private async unpackThere(source: RangeSource, done: (outcome: string) => void): Promise<FoundDebuginfo | undefined> {
    const path = source.size > largestPackedThere ? undefined : await this.unpacked(source.name, () => source.read(0, source.size));
    done(path === undefined ? this.lastOutcome || "is packed, and too large to be fetched" : `${exact}, unpacked here`);
    await source.close();
    return path === undefined ? undefined : this.found(source.name, path);
  }

  private async checkServerFile({ origin, file, source }: ServerFile, cost: () => ReadCost): Promise<FoundDebuginfo | undefined> {
    const inspection = await inspectFile(openRangeSource(source));
    const suits = this.suits(origin, inspection);
    this.attempts.push({ place: origin, outcome: suits ? exact : this.lastOutcome, cost: snapshot(cost()) });
    if (suits && typeof file === "string") {
      await source.close();
      return this.found(origin, file);
    }
    if (suits) return this.found(origin, file, liveCost(cost));
    await source.close();
    return undefined;
  }
}

/** Asked anew each time: reading goes on after the file was found. */
const liveCost = (cost: () => ReadCost): ReadCost => ({
  get bytes() {
    return cost().bytes;
  },
  get reads() {
    return cost().reads;
  },
  get ms() {
    return cost().ms;
  },
});

const snapshot = ({ bytes, reads, ms }: ReadCost): ReadCost => ({ bytes, reads, ms: Math.round(ms) });

const exact = "exact";
const largestPackedThere = 64 * 2 ** 20;

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
