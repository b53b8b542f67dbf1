import type { PrintfLimits } from "./bpftraceSyntax";

/**
 * Programs that print a record for each event, and count in the kernel what is too much to print. Every event has a key of a few numbers (its
 * probe, a state, a port): of each key and second a bounded number is printed in full, and so of all keys together. What
 * is beyond that only adds to a map by key and stack, so an event costs the target one walk of the stack and few looks into maps, and bpftrace
 * next to nothing however many there are. The walk is most of that cost: of what a flood brings on top of it, one in so many, by chance, is walked, and the others
 * add to a map by key alone, to be shared out by the stacks of their key. The maps are printed for as long as there was something to count, of them the largest entries, and whole at
 * the end. They are never cleared: an update between print and clear would be lost in silence. `@all` counts every event, so that what neither was printed nor
 * found room in a map can be told at the end.
 *
 * Budgets are renewed by the clock: what was printed of a key is kept with the second it was printed in.
 *
 * Where a printf takes little, a record is printed in parts: each has the event's own number, which ends with that of the processor, its place among the parts and their count.
 * Parts of several processors come mixed, those of one never: the kernel runs no second program of a kprobe on a processor that runs one.
 *
 * All values are printed as they lie in memory, so ports keep network order, and what hangs on a null pointer reads as zeros.
 */
export type Field = readonly [name: string, format: "%d" | "%u" | "%lld" | "%llx" | "%s", expression: string];

export interface RecordShape {
  /** In records it says which fields follow. Unique in the program. */
  readonly name: string;
  readonly condition?: string;
  readonly fields: readonly Field[];
}

export interface RecordProbe {
  /** Attach point: `kprobe:tcp_v4_send_reset`. */
  readonly attach: string;
  /** Statements before anything else, without their semicolons: what conditions and the key need, since every event pays for it. */
  readonly setup: readonly string[];
  /** Statements before the record, of what only that needs. */
  readonly details?: readonly string[];
  /** Events of which one of these does not hold are neither printed nor counted. */
  readonly conditions: readonly string[];
  /** The first whose condition holds is printed; the last has none. */
  readonly shapes: readonly RecordShape[];
  /**
   * Numbers below 2^bits that part what must not share a budget, 56 bits in all. Never a peer's address or port: there are too many. They go into one
   * number with that of the probe, since a program has 512 bytes of stack and the record takes most of them.
   */
  readonly key: readonly (readonly [expression: string, bits: number])[];
  /** The stack parts budgets too: for probes whose key says little. */
  readonly stackInKey?: boolean;
}

/** What the tick prints, with the clock in milliseconds: the first one tells that all probes are attached, and each one how far bpftrace is behind, and finds out whether anybody still reads. */
export const readyMark = "knetscope ready";
export const recordMark = "knetscope record";
/** Stands before a piece of a record. */
export const partMark = "knetscope part";
/** Stands before the process name, which comes last since it may hold anything. */
export const commMark = "comm ";

/** Names of maps: events by probe, those not printed by key and stack, and those whose stack was not walked by key. */
export const allMap = "@all";
export const restMap = "@rest";
export const floodMap = "@flood";

/**
 * Printed in full each second: of one key, and of all. Frames of a stack that part what is only counted: the way from a network card to TCP has about so many, and what
 * a softirq interrupted is chance. Entries of a map that are printed at a time. Stacks walked each second of what is only counted; beyond that, one in so many.
 */
export const budget = { ofKey: 20, ofAll: 60, frames: 16, entries: 60, walks: 2000, oneIn: 16 } as const;

/**
 * @param limits of a printf; undefined: none
 * @throws RangeError when there is no probe
 */
export function recordProgram(probes: readonly RecordProbe[], limits?: PrintfLimits): string {
  if (probes.length === 0) throw new RangeError("no function to probe");
  // A map that nothing writes to is unknown to bpftrace.
  const counting = [restMap, ...(probes.every(({ stackInKey }) => stackInKey) ? [] : [floodMap])].map((map) => `print(${map}, ${budget.entries});`).join(" ");
  return [
    ...probes.map((probe, index) => probeText(probe, index, limits)),
    `interval:ms:200 { printf("${readyMark} %llu\\n", nsecs / 1000000); }`,
    // Twice, since the second in which a budget was used up may go on after the first tick.
    `interval:s:1 { if (@more > 0) { @more = @more - 1; ${counting} print(${allMap}); } @printed = 0; @walks = 0; }`,
  ].join("\n");
}

/** The probe's own number in the lowest byte, then the others. A cast that is none is warned of since 0.27. */
function keyExpression({ key }: RecordProbe, index: number): string {
  let shift = 8;
  const parts = key.map(([expression, bits]) => {
    const part = `(${expression.startsWith("(uint64)") ? "" : "(uint64)"}(${expression}) << ${shift})`;
    shift += bits;
    return part;
  });
  return [String(index), ...parts].join(" | ");
}

/** Larger than what is printed of a key in a second, and a power of two. */
const perSecond = 64;

function probeText(probe: RecordProbe, index: number, limits: PrintfLimits | undefined): string {
  const stack = `kstack(perf, ${budget.frames})`;
  const seen = probe.stackInKey ? "@seen_at[$key, $stack]" : "@seen[$key]";
  const body = [
    `$key = ${keyExpression(probe, index)};`,
    ...(probe.stackInKey ? [`$stack = ${stack};`] : []),
    `$now = (int64)((nsecs / 1000000000) * ${perSecond});`,
    `$seen = ${seen};`,
    "if ($seen < $now) { $seen = $now; }",
    `${allMap}[${index}] = count();`,
    `if ($seen < $now + ${budget.ofKey} && @printed < ${budget.ofAll}) {`,
    `  ${seen} = $seen + 1;`,
    "  @printed++;",
    `  if ($seen + 1 >= $now + ${budget.ofKey} || @printed >= ${budget.ofAll}) { @more = 2; }`,
    ...(probe.details ?? []).map((line) => `  ${line};`),
    ...(limits ? ["  $id = (nsecs << 8) | cpu;"] : []),
    ...shapeLines(probe.shapes, limits).map((line) => `  ${line}`),
    "} else {",
    ...countLines(probe.stackInKey ? "$stack" : stack, probe.stackInKey ?? false).map((line) => `  ${line}`),
    "}",
  ];
  const guarded = probe.conditions.length === 0 ? body : [`if (${probe.conditions.map((text) => `(${text})`).join(" && ")}) {`, ...body.map((line) => `  ${line}`), "}"];
  return [`${probe.attach} {`, ...probe.setup.map((line) => `  ${line};`), ...guarded.map((line) => `  ${line}`), "}"].join("\n");
}

function countLines(stack: string, isWalked: boolean): readonly string[] {
  const count = `${restMap}[$key, ${stack}] = count();`;
  return isWalked ? [count] : [`if (@walks < ${budget.walks} || rand % ${budget.oneIn} == 0) { @walks++; ${count} } else { ${floodMap}[$key] = count(); }`];
}

function shapeLines([shape, ...others]: readonly RecordShape[], limits: PrintfLimits | undefined): readonly string[] {
  if (!shape) return [];
  const print = limits ? partLines(shape, limits) : [printLine(`${recordMark} `, piecesOf(shape))];
  if (shape.condition === undefined || others.length === 0) return print;
  return [`if (${shape.condition}) { ${print.join(" ")} } else {`, ...shapeLines(others, limits).map((line) => `  ${line}`), "}"];
}

/** A part of a format, with the value that it prints. */
interface Piece {
  readonly format: string;
  readonly value?: string;
}

const piecesOf = ({ name, fields }: RecordShape): readonly Piece[] => [
  { format: name }, { format: "|%llu", value: "$key" },
  ...fields.map(([, spec, value]) => ({ format: `|${spec}`, value })),
  { format: "|%d", value: "pid" }, { format: "\\n%s", value: "kstack(perf)" }, { format: `\\n${commMark}%s\\n`, value: "comm" },
];

const printLine = (start: string, pieces: readonly Piece[], first: readonly string[] = []): string =>
  `printf("${start}${pieces.map(({ format }) => format).join("")}", ${[...first, ...pieces.flatMap(({ value }) => value ?? [])].join(", ")});`;

function partLines(shape: RecordShape, limits: PrintfLimits): readonly string[] {
  // The number of the event is a value too.
  const parts = packed(piecesOf(shape), { bytes: limits.bytes - partStart(99, 99).length, values: limits.values - 1 });
  return parts.map((pieces, index) => printLine(partStart(index, parts.length), pieces, ["$id"]));
}

const partStart = (index: number, count: number): string => `${partMark} %llx ${index}/${count} `;

/** In their order, as many to a part as fit. */
function packed(pieces: readonly Piece[], limits: PrintfLimits): readonly (readonly Piece[])[] {
  const parts: Piece[][] = [];
  let [bytes, values] = [Infinity, 0];
  for (const piece of pieces) {
    const [more, valued] = [piece.format.length, piece.value === undefined ? 0 : 1];
    if (bytes + more > limits.bytes || values + valued > limits.values) {
      parts.push([]);
      [bytes, values] = [0, 0];
    }
    parts.at(-1)?.push(piece);
    [bytes, values] = [bytes + more, values + valued];
  }
  return parts;
}
