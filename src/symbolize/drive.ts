import { DomainError } from "../base/errors";
import type { ByteRange, Reading } from "../elf/reading";
import { isOpenFile } from "./openFile";

/** Runs a parser, answering its requests. It never waits for files that are here. */
export async function drive<T>(reading: Reading<T>, signal?: AbortSignal): Promise<T> {
  let step = reading.next();
  while (!step.done) {
    signal?.throwIfAborted();
    const answer = answerOf(step.value);
    step = reading.next(answer instanceof Promise ? await answer : answer);
  }
  return step.value;
}

/** The same for files that are here. */
export function driveHere<T>(reading: Reading<T>): T {
  let step = reading.next();
  while (!step.done) {
    const answer = answerOf(step.value);
    if (answer instanceof Promise) throw new DomainError("symbolize/cannot-open", "the file is elsewhere", step.value[0]?.file.name);
    step = reading.next(answer);
  }
  return step.value;
}

function answerOf(ranges: readonly ByteRange[]): readonly Uint8Array[] | Promise<readonly Uint8Array[]> {
  const file = ranges[0]?.file;
  if (!file) return [];
  if (!isOpenFile(file)) throw new DomainError("symbolize/cannot-open", "the file was not opened for reading", file.name);
  // A parser asks for ranges of one file at a time.
  return file.read(ranges);
}
