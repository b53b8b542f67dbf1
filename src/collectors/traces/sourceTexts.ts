import type { SourceText } from "../../knowledge/resetFacts";
import type { ResolvedFrame } from "../../symbolize/resolvedFrame";

/** How many frames from the innermost one decide a cause by the words beside their lines. */
const decisiveFrames = 4;

/** The lines of the files that the first frames of a stack lie in. What cannot be read is not there. */
export async function readTexts(stack: readonly ResolvedFrame[], readSource: (file: string) => Promise<string | undefined>): Promise<SourceText> {
  const files = new Set(stack.slice(0, decisiveFrames).flatMap((frame) => frame.frames.flatMap(({ source }) => source?.file ?? [])));
  const texts = new Map<string, readonly string[]>();
  for (const file of files) {
    const text = await readSource(file).catch(() => undefined);
    if (text !== undefined) texts.set(file, text.split("\n"));
  }
  return (file, line) => texts.get(file)?.[line - 1];
}
