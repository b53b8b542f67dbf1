/**
 * A function of an object that is worked out once for each. The object must not change; what was worked out goes with it.
 *
 * Stacks of events are shared: the same text is the same object (RecordReader). So what follows from a stack alone is found once, however many events have it.
 */
export function remembered<K extends object, V>(work: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key);
    if (found) return found.value;
    const value = work(key);
    known.set(key, { value });
    return value;
  };
}

/** The same for texts, of which at most `limit` are kept: when there are more, all are forgotten, which costs less than to know which are old. */
export function rememberedText<V>(limit: number, work: (text: string) => V): (text: string) => V {
  const known = new Map<string, V>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = work(text);
    if (known.size >= limit) known.clear();
    known.set(text, value);
    return value;
  };
}

/**
 * The same for texts of kilobytes, which differ in more than one place when they differ: they are looked for by their length and some of their characters and then
 * compared, which costs a tenth of a hash over the whole.
 */
export function rememberedLongText<V>(limit: number, work: (text: string) => V): (text: string) => V {
  const known = new Map<number, { readonly text: string; readonly value: V }[]>();
  let size = 0;
  return (text) => {
    const mark = markOf(text);
    const found = known.get(mark)?.find((entry) => entry.text === text);
    if (found) return found.value;
    const value = work(text);
    if (size >= limit) {
      known.clear();
      size = 0;
    }
    known.set(mark, [...(known.get(mark) ?? []), { text, value }]);
    size++;
    return value;
  };
}

const looks = 32;

function markOf(text: string): number {
  let mark = text.length;
  const step = Math.max(1, Math.floor(text.length / looks));
  for (let index = 0; index < text.length; index += step) mark = (Math.imul(mark, 31) + text.charCodeAt(index)) | 0;
  return mark;
}
