/** Our own file of stacks: everything that was read, nothing resolved. Addresses are hex strings. */
import { DomainError } from "../../base/errors";
import { buildId } from "../../base/brands";
import { parseAddress } from "../parseFrame";
import type { FrameKind, SourcePlace, Stack, StackFormat, StackFrame } from "../stack";

export const stacksFormat = "knetscope-stacks";

export const stacksJson = (stacks: readonly Stack[]): string => `${JSON.stringify({ format: stacksFormat, version: 1, stacks }, hexAddresses, 2)}\n`;

const hexAddresses = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? `0x${value.toString(16)}` : value);

export const isStacksJson = (value: unknown): boolean => typeof value === "object" && value !== null && "format" in value && value.format === stacksFormat;

/** @throws DomainError `stacks/bad-json` with the place where it is not as we write it */
export function parseStacksJson(value: unknown): readonly Stack[] {
  const { version, stacks } = object(value, "file");
  if (version !== 1) throw bad(`version ${String(version)} is not known; this program reads version 1`, "version");
  if (!Array.isArray(stacks)) throw bad("a list is missing", "stacks");
  return stacks.map((stack, index) => parseStack(stack, `stacks[${index}]`));
}

function parseStack(value: unknown, where: string): Stack {
  const { format, line, build, buildId: id, count, truncated, frames, lines } = object(value, where);
  if (!Array.isArray(frames)) throw bad("a list is missing", `${where}.frames`);
  const parsed = frames.map((frame, index) => parseStackFrame(frame, `${where}.frames[${index}]`));
  return {
    format: typeof format === "string" ? (format as StackFormat) : "json",
    line: number(line) ?? 0,
    ...(typeof build === "string" ? { build } : {}),
    ...(typeof id === "string" ? { buildId: buildId(id) } : {}),
    ...(number(count) === undefined ? {} : { count: Number(count) }),
    ...(truncated === true ? { truncated } : {}),
    frames: parsed,
    lines: Array.isArray(lines) && lines.length === parsed.length ? lines.map(Number) : parsed.map(() => number(line) ?? 0),
  };
}

export function parseStackFrame(value: unknown, where: string): StackFrame {
  const { symbol, offset, size, module, buildId: id, address, kind, reliable, source } = object(value, where);
  if (kind !== "exact" && kind !== "return" && kind !== "inlined") throw bad("a frame's kind is exact, return or inlined", where);
  const known = {
    ...(typeof symbol === "string" ? { symbol } : {}),
    ...(number(offset) === undefined ? {} : { offset: Number(offset) }),
    ...(number(size) === undefined ? {} : { size: Number(size) }),
    ...(typeof module === "string" ? { module } : {}),
    ...(typeof id === "string" && /^([0-9a-f]{2})+$/i.test(id) ? { buildId: buildId(id) } : {}),
    ...(source === undefined ? {} : { source: parsePlace(source, where) }),
  };
  const parsed = typeof address === "string" && /^0x[0-9a-f]{1,16}$/i.test(address) ? parseAddress(address) : undefined;
  return { ...known, ...(parsed === undefined ? {} : { address: parsed }), kind: kind satisfies FrameKind, reliable: reliable !== false };
}

function parsePlace(value: unknown, where: string): SourcePlace {
  const { file, line, column } = object(value, `${where}.source`);
  const at = number(line);
  if (typeof file !== "string" || at === undefined || at < 1) throw bad("a place is a file and a line", `${where}.source`);
  return { file, line: at, ...(number(column) === undefined ? {} : { column: Number(column) }) };
}

const number = (value: unknown): number | undefined => (typeof value === "number" && Number.isSafeInteger(value) ? value : undefined);

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("an object is missing", where);
  return value as Record<string, unknown>;
}

const bad = (message: string, where: string): DomainError => new DomainError("stacks/bad-json", message, where);
