/**
 * The file format of speedscope (https://www.speedscope.app/file-format-schema.json): one profile of type `sampled`, its samples outermost first, with
 * a weight each. Frames are functions with file and line; offsets and addresses are not kept. A frame has no place for what was inlined: its name ends with
 * `(inlined)` then, as what perf script says of it stands in speedscope.
 */
import { DomainError } from "../../base/errors";
import type { SourcePlace } from "../stack";
import { frameLine, frameName, type WeightedFrame, type WeightedStack } from "../model/weightedStack";

export interface SpeedscopeFrame {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly col?: number;
}

export interface SpeedscopeFile {
  readonly $schema: "https://www.speedscope.app/file-format-schema.json";
  readonly name: string;
  readonly exporter: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly SpeedscopeFrame[] };
  readonly profiles: readonly SpeedscopeProfile[];
}

interface SpeedscopeProfile {
  readonly type: "sampled";
  readonly name: string;
  readonly unit: "none";
  readonly startValue: number;
  readonly endValue: number;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

const schema = "https://www.speedscope.app/file-format-schema.json";

export function speedscopeFile(stacks: readonly WeightedStack[], name: string): SpeedscopeFile {
  const frames: SpeedscopeFrame[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (frame: WeightedFrame): number => {
    const key = `${frameLine(frame)}${inlinedMark(frame)}`;
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, frames.length);
    return frames.push(toSpeedscope(frame)) - 1;
  };
  const samples = stacks.map((stack) => stack.frames.map(indexOf));
  const weights = stacks.map(({ count }) => count);
  const profile = { type: "sampled" as const, name, unit: "none" as const, startValue: 0, endValue: weights.reduce((sum, weight) => sum + weight, 0), samples, weights };
  return { $schema: schema, name, exporter: "knetscope", activeProfileIndex: 0, shared: { frames }, profiles: [profile] };
}

export const speedscopeText = (stacks: readonly WeightedStack[], name: string): string => `${JSON.stringify(speedscopeFile(stacks, name))}\n`;

const inlinedMark = ({ inlined }: WeightedFrame): string => (inlined ? " (inlined)" : "");

function toSpeedscope(frame: WeightedFrame): SpeedscopeFrame {
  const { source } = frame;
  return { name: `${frameName(frame)}${inlinedMark(frame)}`, ...(source && { file: source.file, line: source.line, ...(source.column === undefined ? {} : { col: source.column }) }) };
}

export const isSpeedscope = (value: unknown): boolean => typeof value === "object" && value !== null && "shared" in value && "profiles" in value;

/**
 * Stacks of all sampled profiles of a file, whoever wrote it.
 * @throws DomainError `stacks/bad-speedscope` with the place where it is not as the schema says
 */
export function parseSpeedscope(value: unknown): readonly WeightedStack[] {
  const frames = list(get(get(value, "shared"), "frames"), "shared.frames").map((frame, index) => parseFrameOf(frame, `shared.frames[${index}]`));
  return list(get(value, "profiles"), "profiles").flatMap((profile, index) => (get(profile, "type") === "sampled" ? parseProfile(profile, frames, `profiles[${index}]`) : evented(`profiles[${index}]`)));
}

function parseProfile(profile: unknown, frames: readonly WeightedFrame[], where: string): readonly WeightedStack[] {
  const samples = list(get(profile, "samples"), `${where}.samples`);
  const weights = list(get(profile, "weights"), `${where}.weights`);
  return samples.map((sample, at) => {
    const count = weights[at];
    if (typeof count !== "number" || !Number.isFinite(count)) throw bad("a weight for each sample is missing", `${where}.weights[${at}]`);
    const chain = list(sample, `${where}.samples[${at}]`).map((index) => {
      const frame = typeof index === "number" ? frames[index] : undefined;
      if (!frame) throw bad("a sample names a frame that is not there", `${where}.samples[${at}]`);
      return frame;
    });
    return { frames: chain, count };
  });
}

function parseFrameOf(value: unknown, where: string): WeightedFrame {
  const [text, file, line, column] = ["name", "file", "line", "col"].map((key) => get(value, key));
  if (typeof text !== "string") throw bad("a frame has no name", where);
  const [, whole = text, inlined] = /^(.+?)( \(inlined\))?$/.exec(text) ?? [];
  const named = /^(\S+) \[([\w-]+)\]$/.exec(whole);
  const source: SourcePlace | undefined = typeof file === "string" && typeof line === "number" && line > 0 ? { file, line, ...(typeof column === "number" && column > 0 ? { column } : {}) } : undefined;
  return { name: named?.[1] ?? whole, ...(inlined === undefined ? {} : { inlined: true }), ...(named?.[2] === undefined ? {} : { module: named[2] }), ...(source && { source }) };
}

function evented(where: string): never {
  throw bad("this profile holds events in time; only sampled profiles are stacks", where);
}

const get = (value: unknown, key: string): unknown => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined);

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw bad("a list is missing", where);
  return value;
}

const bad = (message: string, where: string): DomainError => new DomainError("stacks/bad-speedscope", message, where);
