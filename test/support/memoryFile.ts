import type { ByteRange, Reading } from "../../src/elf/reading";
import type { OpenFile } from "../../src/symbolize/openFile";

/** A file that is bytes in memory. */
export const memoryFile = (bytes: Uint8Array, name = "test.elf"): OpenFile => ({
  name,
  isElsewhere: false,
  size: bytes.length,
  read: (ranges: readonly ByteRange[]) => ranges.map(({ offset, length }) => bytes.slice(offset, offset + length)),
  close: () => undefined,
});

/** Runs a parser over files in memory, at once. */
export function read<T>(reading: Reading<T>): T {
  let step = reading.next();
  while (!step.done) {
    const { value } = step;
    const file = value[0]?.file as OpenFile | undefined;
    step = reading.next((file?.read(value) ?? []) as readonly Uint8Array[]);
  }
  return step.value;
}
