import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { messageErrno, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_MIN_TYPE, readMessages, type NetlinkMessage } from "./netlinkMessage";

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

/** Gives every data message of a dump's receive buffers to `visit`, and says how the dump ended. */
export function readDump(buffers: readonly Uint8Array[], endianness: Endianness, where: string, visit: (message: NetlinkMessage) => void): DumpOutcome {
  const outcome = { complete: false, interrupted: false } as { -readonly [K in keyof DumpOutcome]: DumpOutcome[K] };
  try {
    for (const buffer of buffers) {
      for (const message of readMessages(buffer, endianness, where)) {
        if (message.flags & NLM_F_DUMP_INTR) outcome.interrupted = true;
        if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) end(outcome, message, endianness, where);
        else if (message.type >= NLMSG_MIN_TYPE) visit(message);
      }
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    outcome.damage = error;
  }
  return outcome;
}

function end(outcome: { -readonly [K in keyof DumpOutcome]: DumpOutcome[K] }, message: NetlinkMessage, endianness: Endianness, where: string): void {
  outcome.complete = true;
  const errno = messageErrno(message, endianness, where);
  if (errno === 0) return;
  outcome.errno = errno;
  outcome.errorIn = message.type === NLMSG_DONE ? "done" : "error";
}
