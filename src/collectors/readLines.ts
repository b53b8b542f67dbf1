/** No line that we read comes near this; what does is cut there. */
const longest = 1 << 20;

/** The lines of a stream of bytes, without their ends. The last one may lack its end. Bytes that are not UTF-8 become U+FFFD. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = (lines.pop() ?? "").slice(0, longest);
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
