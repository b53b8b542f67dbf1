import { DomainError } from "../base/errors";
import { request, type RequestOptions, type ServerAnswer } from "./request";

/** A file on a server that answers ranges. Nothing is kept open between two reads. */
export class RangedFile {
  constructor(
    readonly name: string,
    readonly size: number,
    private readonly options: RequestOptions,
    private readonly received: (bytes: number) => void,
  ) {}

  /** Exactly `length` bytes, fewer only at the end of the file. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    if (wanted === 0) return new Uint8Array();
    const answer = await request(this.name, { ...this.options, range: [offset, offset + wanted - 1] });
    if (!answer?.partial) {
      answer?.close();
      throw new DomainError("debuginfod/no-ranges", "no longer answers ranges", this.name);
    }
    const bytes = await bodyOf(answer, wanted);
    this.received(bytes.length);
    if (bytes.length < wanted) throw new DomainError("debuginfod/truncated", `${wanted} bytes were asked for and ${bytes.length} came`, this.name);
    return bytes;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The first `limit` bytes of an answer; the rest is not read. */
export async function bodyOf(answer: ServerAnswer, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk.subarray(0, limit - length));
    length += Math.min(chunk.length, limit - length);
    if (length >= limit) break;
  }
  answer.close();
  return Buffer.concat(chunks, length);
}
