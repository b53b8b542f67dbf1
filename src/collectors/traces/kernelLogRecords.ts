import { parseKernelLogRecord, type KernelLogRecord } from "./netfilterLog";
import { sinceWord } from "./kernelLogScript";

/** Which records of the kernel log are new. Lines from before we came are none of ours; after an overrun the reader begins anew with what it read already. */
export class KernelLogRecords {
  private since = 0;
  private sequence: number | undefined;

  /** True for the line that tells since when; it is taken. */
  takeSince(text: string): boolean {
    if (!text.startsWith(sinceWord)) return false;
    this.since = Number(text.slice(sinceWord.length)) || 0;
    return true;
  }

  /**
   * @param onGap called when records are missing before this one
   * @returns undefined for what is no record, or an old one
   */
  take(text: string, onGap: () => void): KernelLogRecord | undefined {
    const record = parseKernelLogRecord(text);
    if (!record || record.time <= this.since || (this.sequence !== undefined && record.sequence <= this.sequence)) return undefined;
    if (this.sequence !== undefined && record.sequence > this.sequence + 1) onGap();
    this.sequence = record.sequence;
    return record;
  }
}

export const gapWords = "The kernel log was overwritten faster than it could be read: lines are missing.";
