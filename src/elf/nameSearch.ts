/**
 * Where several names stand in a string table, as tails of longer ones too: linkers let a name be the end of another. One regular
 * expression for all of them is machine code from its first match on, which a loop of our own is not until it has run for long.
 *
 * @returns offsets by name, ascending; names that are not there are left out
 */
export function searchNames(table: Uint8Array, names: Iterable<string>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  // A character for each byte, whatever the names are written in.
  const bytesOf = new Map([...new Set(names)].filter((name) => name !== "" && !name.includes("\0")).map((name) => [Buffer.from(name).toString("latin1"), name]));
  if (bytesOf.size === 0) return found;
  const text = Buffer.from(table.buffer, table.byteOffset, table.length).toString("latin1");
  const pattern = new RegExp(`(?:${[...bytesOf.keys()].map(escaped).join("|")})\0`, "g");
  const tails = new Map([...bytesOf.keys()].map((name) => [name, [...bytesOf.keys()].filter((other) => name.endsWith(other))]));
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const name = match[0].slice(0, -1);
    const end = match.index + name.length;
    // Of names that end together the longest is found, as it begins first.
    for (const tail of tails.get(name) ?? []) {
      const known = found.get(bytesOf.get(tail) ?? "");
      if (known) known.push(end - tail.length);
      else found.set(bytesOf.get(tail) ?? "", [end - tail.length]);
    }
  }
  return found;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
