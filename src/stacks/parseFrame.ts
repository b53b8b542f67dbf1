import { buildId, hex, vaddr, type BuildId, type Vaddr } from "../base/brands";
import type { FrameKind, StackFrame } from "./stack";

/** What a name in the kernel's symbol table may look like: clones carry dots (`.isra.0`, `.cold`, `.llvm.123`). */
const symbolPattern = String.raw`[A-Za-z_][\w.$]*`;
const addressPattern = String.raw`\[?<?(?:0x[0-9a-f]{1,16}|[0-9a-f]{16})>?\]?|\[<[0-9a-f]{1,16}>\]`;
const framePattern = new RegExp(
  String.raw`^(?<doubt>\? )?(?:(?<address>${addressPattern})(?:\s+|$))?` +
    String.raw`(?:(?<symbol>${symbolPattern})(?:\+(?<offset>0x[0-9a-f]+|\d+)(?:/(?<size>0x[0-9a-f]+|\d+))?)?` +
    String.raw`(?:\s*(?:\(\[(?<dso>[\w.-]+)\]\)|\[(?<module>[\w.-]+)(?:\s+(?<build>[0-9a-f]{8,64}))?\]))?)?$`,
  "i",
);

/** Names that tools print in the module's place for the kernel itself. */
const kernelNames = new Set(["kernel", "kernel.kallsyms", "vmlinux", "guest.kernel.kallsyms"]);

/**
 * One frame as a person writes or pastes it: `tcp_v4_rcv+0x99b/0xee0`, `nf_tables_fill+0x1a [nf_tables]`,
 * `tcp_v4_rcv+2459` (decimal, as bpftrace prints), `0xffffffff81a2b3c4`, `ffffffff81a2b3c4 tcp_v4_rcv+0x1`, `tcp_v4_rcv`.
 * An address without `0x` has all of its 16 digits. The kind is always `exact`; callers know better where they do.
 *
 * @returns undefined when the text is none of these
 */
export function parseFrame(text: string): StackFrame | undefined {
  const groups = framePattern.exec(text.trim())?.groups;
  if (!groups || (groups["symbol"] === undefined && groups["address"] === undefined)) return undefined;
  return makeFrame({
    symbol: groups["symbol"],
    offset: parseSize(groups["offset"]),
    size: parseSize(groups["size"]),
    module: moduleName(groups["module"] ?? groups["dso"]),
    buildId: parseBuildId(groups["build"]),
    address: parseAddress(groups["address"]),
    reliable: groups["doubt"] === undefined,
  });
}

/** `tcp_v4_rcv+0x99b/0xee0 [module]`, or `0xffffffff81a2b3c4` for a frame that has no symbol: `parseFrame` reads it back. */
export function formatFrame(frame: StackFrame): string {
  if (frame.symbol === undefined) return frame.address === undefined ? "?" : `0x${hex(frame.address)}`;
  const offset = frame.offset === undefined ? "" : `+0x${frame.offset.toString(16)}`;
  const size = frame.offset === undefined || frame.size === undefined ? "" : `/0x${frame.size.toString(16)}`;
  return `${frame.symbol}${offset}${size}${frame.module === undefined ? "" : ` [${frame.module}]`}`;
}

/** A frame from parts that may be missing; a missing part leaves no property behind. Written out: a long log has tens of thousands. */
export function makeFrame(parts: FrameParts): StackFrame {
  const frame: { -readonly [K in keyof StackFrame]: StackFrame[K] } = { kind: parts.kind ?? "exact", reliable: parts.reliable ?? true };
  if (parts.symbol !== undefined) frame.symbol = parts.symbol;
  if (parts.offset !== undefined) frame.offset = parts.offset;
  if (parts.size !== undefined) frame.size = parts.size;
  if (parts.module !== undefined) frame.module = parts.module;
  if (parts.buildId !== undefined) frame.buildId = parts.buildId;
  if (parts.address !== undefined) frame.address = parts.address;
  if (parts.source !== undefined) frame.source = parts.source;
  return frame;
}

export type FrameParts = { readonly [K in Exclude<keyof StackFrame, "kind" | "reliable">]?: StackFrame[K] | undefined } & {
  readonly kind?: FrameKind;
  readonly reliable?: boolean;
};

/** Hex with `0x`, else decimal. undefined for what no number in a frame can be. */
export function parseSize(text: string | undefined): number | undefined {
  const value = text === undefined ? NaN : Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `0x1f`, `ffffffff81a2b3c4`, `[<ffffffff81a2b3c4>]`. Zero is what a kernel prints when it hides addresses: no address. */
export function parseAddress(text: string | undefined): Vaddr | undefined {
  if (text === undefined) return undefined;
  const value = BigInt(`0x${text.replace(/[[\]<>]/g, "").replace(/^0x/i, "")}`);
  return value === 0n ? undefined : vaddr(value);
}

/** undefined for the names that stand for the kernel image itself. */
export const moduleName = (text: string | undefined): string | undefined =>
  text === undefined || kernelNames.has(text) ? undefined : text;

export const parseBuildId = (text: string | undefined): BuildId | undefined =>
  text !== undefined && /^([0-9a-f]{2})+$/i.test(text) ? buildId(text) : undefined;
