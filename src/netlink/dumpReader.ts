import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { align4, NETLINK_HEADER_SIZE, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_MIN_TYPE } from "./netlinkMessage";

/** How a dump ended. */
export interface DumpOutcome {
  /** NLMSG_DONE or NLMSG_ERROR was seen: nothing is missing at the end. */
  readonly complete: boolean;
  /** Positive; absent when the dump succeeded. */
  readonly errno?: number;
  /** `error`: refused at once (no handler for the family at all); `done`: the family's handler had none for this protocol. */
  readonly errorIn?: "error" | "done";
  /** NLM_F_DUMP_INTR: the tables changed meanwhile, entries may be missing or double. */
  readonly interrupted: boolean;
  /** Bytes that could not be read; what came before them was delivered. */
  readonly damage?: DomainError;
}

/** One receive buffer, with a view of the same bytes: made once for all its messages. */
export interface MessageBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** For errors. */
  readonly where: string;
}

/** Gets the payload of a data message: `start` to `end` of the buffer. Throws a DomainError for one it cannot read. */
export type PayloadVisitor = (buffer: MessageBuffer, start: number, end: number, type: number) => void;

/**
 * Walks a dump buffer by buffer as they arrive, without making an object for a message. A message that cannot be read is left out;
 * after a length that cannot be true the rest of that buffer is lost, since nothing says where the next message begins.
 */
export class DumpReader {
  private readonly state = { complete: false, interrupted: false } as { -readonly [K in keyof DumpOutcome]: DumpOutcome[K] };
  private readonly little: boolean;

  constructor(
    endianness: Endianness,
    private readonly where: string,
    private readonly visit: PayloadVisitor,
  ) {
    this.little = endianness === "little";
  }

  get outcome(): DumpOutcome {
    return { ...this.state };
  }

  push(bytes: Uint8Array): void {
    const buffer = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), where: this.where };
    for (let at = 0; at < bytes.length; ) {
      const left = bytes.length - at;
      const length = left < NETLINK_HEADER_SIZE ? 0 : buffer.view.getUint32(at, this.little);
      if (length < NETLINK_HEADER_SIZE || length > left) {
        this.state.damage ??= this.badLength(at, length, left);
        return;
      }
      this.readMessage(buffer, at, at + length);
      at += align4(length);
    }
  }

  private readMessage(buffer: MessageBuffer, at: number, end: number): void {
    const type = buffer.view.getUint16(at + 4, this.little);
    if (buffer.view.getUint16(at + 6, this.little) & NLM_F_DUMP_INTR) this.state.interrupted = true;
    const start = at + NETLINK_HEADER_SIZE;
    try {
      if (type >= NLMSG_MIN_TYPE) this.visit(buffer, start, end, type);
      else if (type === NLMSG_DONE || type === NLMSG_ERROR) this.end(buffer, type, start, end);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.state.damage ??= error;
    }
  }

  private end({ view }: MessageBuffer, type: number, start: number, end: number): void {
    this.state.complete = true;
    if (end - start < 4) {
      if (type === NLMSG_ERROR) throw new DomainError("netlink/truncated", "an error without its number", `${this.where}+0x${start.toString(16)}`);
      return;
    }
    const code = view.getInt32(start, this.little);
    if (code >= 0) return;
    this.state.errno = -code;
    this.state.errorIn = type === NLMSG_DONE ? "done" : "error";
  }

  private badLength(at: number, length: number, left: number): DomainError {
    const place = `${this.where}+0x${at.toString(16)}`;
    if (left < NETLINK_HEADER_SIZE) return new DomainError("netlink/truncated", "netlink header cut short", place);
    if (length < NETLINK_HEADER_SIZE) return new DomainError("netlink/bad-length", `netlink message of ${length} bytes`, place);
    return new DomainError("netlink/truncated", `netlink message of ${length} bytes, ${left} left`, place);
  }
}
