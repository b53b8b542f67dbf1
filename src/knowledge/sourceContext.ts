import type { SourcePlace } from "../stacks/stack";
import type { SourceText } from "./resetFacts";

/**
 * Which of several markers stands nearest to a line of the source. The line a call is attributed to depends on compiler and version, the
 * words beside it do not: of three calls in one function each has its own counter within a few lines.
 *
 * @param reach how many lines before and after the place are looked at
 * @returns undefined without a place, without text, or when no marker is in reach
 */
export function nearestMarker<T extends string>(place: SourcePlace | undefined, text: SourceText | undefined, markers: Readonly<Record<string, T>>, reach = 5): T | undefined {
  if (!place || !text) return undefined;
  for (let distance = 0; distance <= reach; distance++) {
    for (const line of [place.line + distance, place.line - distance]) {
      const words = line > 0 ? text(place.file, line) : undefined;
      const found = Object.entries(markers).find(([marker]) => words?.includes(marker));
      if (found) return found[1];
    }
  }
  return undefined;
}
