import { partMark, recordMark } from "./recordProgram";

interface Begun {
  readonly event: string;
  readonly parts: number;
  readonly text: string;
  /** Of the part that has to come next. */
  readonly next: number;
}

/** Joins the parts of records as they come, several processors mixed. Of a record that lacks one nothing is made. */
export class RecordParts {
  /** By the number of the processor, the lowest byte of the event's. */
  private readonly begun = new Map<string, Begun>();
  private mostParts = 1;

  /** Records that so many lost lines were, at least. */
  recordsOf(lines: number): number {
    return Math.ceil(lines / this.mostParts);
  }

  /**
   * @param text what a printf printed
   * @returns the whole record with its last part, undefined for a part before that, and the text itself when it is none
   */
  join(text: string): string | undefined {
    if (!text.startsWith(`${partMark} `)) return text;
    const match = /^([0-9a-f]{1,16}) (\d{1,2})\/(\d{1,2}) /.exec(text.slice(partMark.length + 1, partMark.length + 1 + 30));
    if (!match) return text;
    const [head, event = "", index, parts] = match;
    return this.take(event, Number(index), Number(parts), text.slice(partMark.length + 1 + head.length));
  }

  private take(event: string, index: number, parts: number, text: string): string | undefined {
    this.mostParts = Math.max(this.mostParts, parts);
    const processor = event.slice(-2);
    const before = index === 0 ? { event, parts, text: "", next: 0 } : this.begun.get(processor);
    this.begun.delete(processor);
    if (before?.event !== event || before.parts !== parts || before.next !== index) return undefined;
    const joined = before.text + text;
    if (index === parts - 1) return `${recordMark} ${joined}`;
    this.begun.set(processor, { event, parts, text: joined, next: index + 1 });
    return undefined;
  }
}
