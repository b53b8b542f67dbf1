const block = 4096;

/** How many characters two texts have in common at their start and, beyond that, at their end. Costs as much as comparing them in memory. */
export function commonEnds(a: string, b: string): { readonly start: number; readonly end: number } {
  const shorter = Math.min(a.length, b.length);
  const start = commonStart(a, b, shorter);
  return { start, end: commonEnd(a, b, shorter - start) };
}

function commonStart(a: string, b: string, limit: number): number {
  let at = 0;
  while (at + block <= limit && a.slice(at, at + block) === b.slice(at, at + block)) at += block;
  while (at < limit && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

function commonEnd(a: string, b: string, limit: number): number {
  let length = 0;
  const piece = (text: string): string => text.slice(text.length - length - block, text.length - length);
  while (length + block <= limit && piece(a) === piece(b)) length += block;
  while (length < limit && a.charCodeAt(a.length - length - 1) === b.charCodeAt(b.length - length - 1)) length++;
  return length;
}
