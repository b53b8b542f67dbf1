/** No line that we read comes near this; what does is cut there. Bytes. */
const longest = 1 << 20;
const lineEnd = 10;

/**
 * The lines of a stream of bytes, without their ends, as many at a time as came together. The last one may lack its end. Bytes that are not UTF-8 become U+FFFD.
 *
 * Each line is a text of its own: a part of a larger one would keep all of that in memory for as long as anybody holds the part.
 */
export async function* readLineBatches(stream: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const first = bytes.indexOf(lineEnd);
    if (first < 0) {
      rest = Buffer.concat([rest, bytes]).subarray(0, longest);
      continue;
    }
    const lines = [Buffer.concat([rest, bytes.subarray(0, first)]).toString("utf8")];
    let start = first + 1;
    for (let end = bytes.indexOf(lineEnd, start); end >= 0; end = bytes.indexOf(lineEnd, start)) {
      lines.push(bytes.toString("utf8", start, end));
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start, start + longest));
    yield lines;
  }
  if (rest.length > 0) yield [rest.toString("utf8")];
}

/** The same, line by line. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const lines of readLineBatches(stream)) yield* lines;
}
