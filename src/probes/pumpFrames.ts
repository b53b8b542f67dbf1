/**
 * What a pump on the target prints. A pump is the few lines that run there (perl, python3, a shell, a static helper): it enters
 * each network namespace, hands our netlink requests to the kernel and prints the raw answers, so that all decoding happens here.
 *
 * Its output is a row of frames. A frame begins with a line `@KIND A B LENGTH`; LENGTH bytes of payload follow. Shells cannot
 * know lengths beforehand: `~` there means text, and `=` base64, up to a line `@.`. The last frame is `end`.
 *
 * | kind | A | B | payload |
 * |---|---|---|---|
 * | netns | inode | 1: the first process's | path it was entered by, then a line with the process's name |
 * | file | | errno | its path, a line feed, its text, read inside the last netns |
 * | reply | number of the request | | one receive buffer of netlink messages |
 * | ss | | | what `ss -D` wrote |
 * | fail | number of the request, −1: entering | errno | the call that failed |
 * | mounts | | | lines `INODE PATH`: namespaces mounted on files |
 * | init | inode | | namespace of the first process |
 * | owners | processes we may not look into | | lines `.PID NAME`, each followed by its lines `FD INODE` |
 * | fds, comms | | | the same as `find -printf '%p %l'` or `ls -l`, and `grep -H . /proc/PID/comm`, print it |
 * | denied | processes whose namespace we may not see | | |
 */
import { DomainError } from "../base/errors";
import type { CommandResult } from "../target/command";

export interface PumpFrame {
  readonly kind: string;
  readonly a: number;
  readonly b: number;
  readonly payload: Uint8Array;
}

export const frameText = (frame: PumpFrame): string => new TextDecoder().decode(frame.payload);

const LINE_FEED = 10;
const AT = 64;
/** A header is never longer; more without a line feed is no header. */
const HEADER_LIMIT = 80;

/**
 * @throws DomainError `pump/garbled` for bytes that are no frames, `pump/truncated` when the end is missing.
 */
export function parsePumpFrames(bytes: Uint8Array, where: string): PumpFrame[] {
  const frames: PumpFrame[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const header = readHeader(bytes, offset, where);
    const body = readBody(bytes, header.end, header.length, where);
    if (header.kind === "end") return frames;
    frames.push({ kind: header.kind, a: header.a, b: header.b, payload: body.payload });
    offset = body.end;
  }
  throw new DomainError("pump/truncated", `the answer ends after ${bytes.length} bytes without its last frame`, where);
}

/** The frames of a pump that ran, or what it said instead. */
export function parsePumpResult(result: CommandResult, where: string): PumpFrame[] {
  try {
    return parsePumpFrames(result.stdout, where);
  } catch (error) {
    const said = result.stderr.trim().split("\n").slice(-3).join(" ");
    const exit = result.signal !== undefined ? `ended by ${result.signal}` : `exit status ${result.code ?? "unknown"}`;
    if (result.code !== 0 && error instanceof DomainError) throw new DomainError("pump/failed", said === "" ? exit : `${said} (${exit})`, where, { cause: error });
    throw error;
  }
}

interface Header {
  readonly kind: string;
  readonly a: number;
  readonly b: number;
  readonly length: string;
  readonly end: number;
}

function readHeader(bytes: Uint8Array, offset: number, where: string): Header {
  const end = bytes.subarray(offset, offset + HEADER_LIMIT).indexOf(LINE_FEED);
  const text = end < 0 ? "" : new TextDecoder().decode(bytes.subarray(offset, offset + end));
  const match = /^@([a-z]+) (-?\d+) (-?\d+) (\d+|~|=)$/.exec(text);
  if (!match) throw new DomainError("pump/garbled", "not a frame of a pump", `${where}+0x${offset.toString(16)}`);
  const [, kind = "", a = "", b = "", length = ""] = match;
  return { kind, a: Number(a), b: Number(b), length, end: offset + end + 1 };
}

function readBody(bytes: Uint8Array, start: number, length: string, where: string): { payload: Uint8Array; end: number } {
  if (length !== "~" && length !== "=") {
    const end = start + Number(length);
    if (end > bytes.length) throw new DomainError("pump/truncated", `${length} bytes wanted, ${bytes.length - start} left`, `${where}+0x${start.toString(16)}`);
    return { payload: bytes.subarray(start, end), end };
  }
  const stop = endLine(bytes, start);
  if (stop < 0) throw new DomainError("pump/truncated", "text without its last line", `${where}+0x${start.toString(16)}`);
  const payload = bytes.subarray(start, stop);
  return { payload: length === "=" ? Buffer.from(new TextDecoder().decode(payload), "base64") : payload, end: stop + 3 };
}

/** Offset of the next line `@.`, −1 without one. */
function endLine(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(AT, start); at >= 0; at = bytes.indexOf(AT, at + 1)) {
    const begins = at === start || bytes[at - 1] === LINE_FEED;
    if (begins && bytes[at + 1] === 0x2e && bytes[at + 2] === LINE_FEED) return at;
  }
  return -1;
}
