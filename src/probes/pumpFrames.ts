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
 * | cgroups | | | lines `NUMBER PATH`, the path below the mount of cgroup2 |
 * | denied | processes whose namespace we may not see | | |
 * | gzip | | | more frames, compressed: whole ones |
 */
import { gunzipSync } from "node:zlib";
import { DomainError } from "../base/errors";
import type { ExitStatus } from "../target/command";

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
/** A pump compresses a megabyte at a time, and what is larger by itself. */
const LARGEST_UNPACKED = 1 << 28;

/**
 * Frames out of bytes as they arrive, each given away as soon as it is whole. Payloads refer to the chunks they came in where they
 * lie within one, so whoever keeps a payload keeps its chunk.
 */
export class PumpFrameReader {
  private rest: Uint8Array[] = [];
  private held = 0;
  /** Fewer bytes than this need not be looked at again. */
  private wanted = 1;
  /** Bytes of whole frames, for places in errors. */
  private done = 0;
  private last = false;
  private inner: PumpFrameReader | undefined;

  constructor(
    private readonly where: string,
    private readonly accept: (frame: PumpFrame) => void,
  ) {}

  /** The last frame has come. */
  get ended(): boolean {
    return this.last;
  }

  /** @throws DomainError `pump/garbled` for bytes that are no frames; what `accept` throws. */
  push(chunk: Uint8Array): void {
    if (this.last) return;
    this.rest.push(chunk);
    this.held += chunk.length;
    if (this.held >= this.wanted) this.look();
  }

  /** @throws DomainError `pump/truncated` when the last frame is missing, or as `push` does. */
  end(): void {
    if (!this.last) this.look();
    if (!this.last) throw new DomainError("pump/truncated", `the answer ends after ${this.done + this.held} bytes without its last frame`, this.where);
  }

  private look(): void {
    const [only, second] = this.rest;
    const bytes = only && !second ? only : Buffer.concat(this.rest, this.held);
    const used = this.readFrames(bytes);
    this.done += used;
    this.held = bytes.length - used;
    this.rest = this.held === 0 ? [] : [bytes.subarray(used)];
  }

  private unpack(bytes: Uint8Array): void {
    this.inner ??= new PumpFrameReader(`${this.where} (compressed)`, this.accept);
    try {
      this.inner.push(gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED }));
    } catch (error) {
      if (error instanceof DomainError) throw error;
      throw new DomainError("pump/garbled", `the compressed answer cannot be read: ${error instanceof Error ? error.message : String(error)}`, this.where, { cause: error });
    }
  }

  /** Gives how many bytes the whole frames took. */
  private readFrames(bytes: Uint8Array): number {
    this.wanted = 1;
    for (let offset = 0; offset < bytes.length; ) {
      const header = readHeader(bytes, offset, `${this.where}+0x${(this.done + offset).toString(16)}`);
      const body = header && readBody(bytes, header.end, header.length);
      if (!body || typeof body === "number") {
        this.wanted = body === undefined ? bytes.length - offset + 1 : body - offset;
        return offset;
      }
      offset = body.end;
      if (header.kind === "gzip") this.unpack(body.payload);
      if (header.kind === "end" || this.inner?.ended === true) {
        this.last = true;
        return offset;
      }
      if (header.kind !== "gzip") this.accept({ kind: header.kind, a: header.a, b: header.b, payload: body.payload });
    }
    return bytes.length;
  }
}

/** Why a pump gave no whole answer, in its own words where it said something. */
export function pumpFailure(status: ExitStatus, stderr: string, where: string, cause: DomainError): DomainError {
  if (status.code === 0) return cause;
  const said = stderr.trim().split("\n").slice(-3).join(" ");
  const exit = status.signal !== undefined ? `ended by ${status.signal}` : `exit status ${status.code ?? "unknown"}`;
  return new DomainError("pump/failed", said === "" ? exit : `${said} (${exit})`, where, { cause });
}

interface Header {
  readonly kind: string;
  readonly a: number;
  readonly b: number;
  readonly length: string;
  readonly end: number;
}

/** undefined when its line is not whole yet. */
function readHeader(bytes: Uint8Array, offset: number, place: string): Header | undefined {
  const end = bytes.subarray(offset, offset + HEADER_LIMIT).indexOf(LINE_FEED);
  if (end < 0 && bytes[offset] === AT && bytes.length - offset < HEADER_LIMIT) return undefined;
  const text = end < 0 ? "" : new TextDecoder().decode(bytes.subarray(offset, offset + end));
  const match = /^@([a-z]+) (-?\d+) (-?\d+) (\d{1,15}|~|=)$/.exec(text);
  if (!match) throw new DomainError("pump/garbled", "not a frame of a pump", place);
  const [, kind = "", a = "", b = "", length = ""] = match;
  return { kind, a: Number(a), b: Number(b), length, end: offset + end + 1 };
}

/** Or how many bytes there must be before it is worth another look: text is searched again when it has doubled. */
function readBody(bytes: Uint8Array, start: number, length: string): { payload: Uint8Array; end: number } | number {
  if (length !== "~" && length !== "=") {
    const end = start + Number(length);
    return end > bytes.length ? end : { payload: bytes.subarray(start, end), end };
  }
  const stop = endLine(bytes, start);
  if (stop < 0) return bytes.length + Math.max(1, (bytes.length - start) >> 1);
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
