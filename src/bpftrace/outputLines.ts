import type { Bucket, MapEntry, ProgramOutput } from "./programOutput";

const barWidth = 40;

/** An output as a person reads it: text as it is, maps as tables, the largest values last as bpftrace does, histograms with bars. */
export function outputLines(output: ProgramOutput): readonly string[] {
  switch (output.kind) {
    case "attached":
      return [`${output.probes} ${output.probes === 1 ? "probe" : "probes"}`];
    case "text":
      return output.text.replace(/\n$/, "").split("\n");
    case "map":
      return mapLines(output.name, output.entries);
    case "histogram":
      return ["", output.key === "" ? output.name : `${output.name}[${output.key.replace(/\n/g, " ").trim()}]`, ...histogramLines(output.buckets)];
    case "lost":
      return [`${output.events} events were lost: the buffers had no room for them`];
    case "problem":
      return [output.text];
  }
}

function mapLines(name: string, entries: readonly MapEntry[]): readonly string[] {
  const [only] = entries;
  if (entries.length === 1 && only?.key === "") return [`${name}: ${only.value}`];
  const sorted = [...entries].sort((a, b) => (Number(a.value) - Number(b.value)) || 0);
  if (sorted.some(({ key }) => key.includes("\n"))) return ["", name, ...sorted.flatMap(({ key, value }) => blockLines(key, value))];
  const rows = sorted.map(({ key, value }) => [...key.split(","), value]);
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return ["", name, ...rows.map((row) => `  ${row.map((cell, column) => (column === row.length - 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join("  ")}`)];
}

/** A key that is a stack: its frames under one another, what else is in the key, the value. */
function blockLines(key: string, value: string): readonly string[] {
  const lines = key.split("\n").filter((line) => line.trim() !== "");
  const rest = lines.filter((line) => line.startsWith(",")).map((line) => line.slice(1));
  return ["", ...lines.filter((line) => !line.startsWith(",")).map((line) => `    ${line.trim()}`), `  ${[...rest, value].join("  ")}`];
}

function histogramLines(buckets: readonly Bucket[]): readonly string[] {
  const labels = buckets.map(bucketLabel);
  const width = Math.max(0, ...labels.map((label) => label.length));
  const largest = Math.max(1, ...buckets.map(({ count }) => count));
  const digits = Math.max(0, ...buckets.map(({ count }) => String(count).length));
  return buckets.map(({ count }, index) => `  ${(labels[index] ?? "").padEnd(width)}  ${String(count).padStart(digits)}  ${"█".repeat(Math.round((count / largest) * barWidth)) || (count > 0 ? "▏" : "")}`.trimEnd());
}

function bucketLabel({ min, max }: Bucket): string {
  if (min === undefined) return max === undefined ? "…" : `below ${short(max + 1)}`;
  if (max === undefined) return `${short(min)} and more`;
  return min === max ? short(min) : `${short(min)} – ${short(max)}`;
}

/** 4096 as 4K, as bpftrace writes the bounds that are powers of two. */
function short(value: number): string {
  for (const [unit, size] of [["T", 2 ** 40], ["G", 2 ** 30], ["M", 2 ** 20], ["K", 2 ** 10]] as const) {
    if (value >= size && value % size === 0) return `${value / size}${unit}`;
    if (value + 1 >= size && (value + 1) % size === 0 && value > 1) return `${(value + 1) / size}${unit}−1`;
  }
  return String(value);
}
