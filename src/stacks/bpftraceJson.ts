/**
 * bpftrace's JSON is damaged where its text is not ASCII: on x86 `char` is signed, so the escaper takes a byte such as 0xc3 for a control
 * character and writes `\uffffffc3` (src/output.cpp, all versions to 0.26). The byte is put back, and the bytes are read as UTF-8 again.
 * And 0.23 escapes the stacks in keys of maps twice.
 */
export function repairJson(text: string): string {
  const line = escapedTwice.test(text) ? text.replace(/\\\\(?=[nt])/g, "\\") : text;
  if (!line.includes(String.raw`\uffffff`)) return line;
  return line.replace(/(?:\\uffffff[89a-f][0-9a-f])+/g, (damaged) => {
    const bytes = Uint8Array.from(damaged.match(/[89a-f][0-9a-f](?=\\|$)/g) ?? [], (byte) => parseInt(byte, 16));
    return new TextDecoder().decode(bytes);
  });
}

/** The line end before a frame, in each of the two ways in which stacks are printed. */
const escapedTwice = /\\\\n(?:\\\\t| {4})/;

/**
 * Every string in a JSON value that holds several lines, map keys included: that is where bpftrace puts its stacks. A key whose value is a number
 * ends as bpftrace prints it in text, `]: 2`. A list of strings, as other tools write a stack, is one text.
 */
export function multilineStrings(value: unknown): readonly string[] {
  if (typeof value === "string") return value.includes("\n") ? [value] : [];
  if (Array.isArray(value)) {
    const isList = value.length > 1 && value.every((item) => typeof item === "string" && !item.includes("\n"));
    return isList ? [value.join("\n")] : value.flatMap(multilineStrings);
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const count = key.includes("\n") && typeof inner === "number" ? `${/\n$/.test(key) ? "" : "\n"}]: ${inner}` : "";
    return [...multilineStrings(key + count), ...multilineStrings(inner)];
  });
}

/** The value of one line of `bpftrace -f json`, or of any line that is a JSON object and holds line ends or lists; undefined when it is not one. */
export function parseBpftraceJson(line: string): unknown {
  if (!/^\s*\{"/.test(line) || !/^\s*\{"type":|\\n|\["/.test(line)) return undefined;
  try {
    return JSON.parse(repairJson(line));
  } catch {
    return undefined;
  }
}
