import type { BlockFile } from "./blockStore";
import type { RangeSource } from "./rangeSource";

/** Bytes of a block. A small one costs fewer bytes, a large one fewer round trips; compilation units are 66 kB in the median. */
export const cacheBlock = 0x2000;

/** A file read by ranges, which is owned from now on together with its blocks, and of which every block is fetched once: what `blocks` has is not asked for again, nor what is under way. */
export function cachedSource(source: RangeSource, blocks: BlockFile): RangeSource {
  const coming = new Map<number, Promise<Uint8Array>>();

  const fetchRun = (first: number, count: number): void => {
    const start = first * cacheBlock;
    const run = source.read(start, Math.min(count * cacheBlock, source.size - start));
    for (let index = 0; index < count; index++) {
      const block = first + index;
      const part = run.then((bytes) => {
        const own = bytes.subarray(index * cacheBlock, (index + 1) * cacheBlock);
        // A short answer means that the file has shrunk; its reader finds out, and nothing of it is kept.
        if (own.length === Math.min(cacheBlock, source.size - block * cacheBlock)) blocks.put(block, own);
        return own;
      });
      coming.set(block, part);
      part.then(() => coming.delete(block), () => coming.delete(block));
    }
  };

  const known = (block: number): Promise<Uint8Array> | undefined => {
    const bytes = blocks.get(block);
    return bytes && Promise.resolve(bytes);
  };

  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const end = Math.min(offset + length, source.size);
    if (offset >= end) return new Uint8Array();
    const [first, last] = [Math.floor(offset / cacheBlock), Math.floor((end - 1) / cacheBlock)];
    const parts: (Promise<Uint8Array> | undefined)[] = [];
    for (let block = first; block <= last; block++) parts.push(coming.get(block) ?? known(block));
    for (let index = 0; index < parts.length; ) {
      let count = 0;
      while (index + count < parts.length && !parts[index + count]) count++;
      if (count > 0) fetchRun(first + index, count);
      index += Math.max(1, count);
    }
    const whole = Buffer.concat(await Promise.all(parts.map((part, index) => part ?? coming.get(first + index) ?? Promise.resolve(new Uint8Array()))));
    return whole.subarray(offset - first * cacheBlock, end - first * cacheBlock);
  };

  const close = async (): Promise<void> => {
    blocks.close();
    await source.close();
  };
  return { name: source.name, size: source.size, read, close };
}
