import { shellScript } from "../target/command";
import type { Probe } from "./probe";

/** Some symbols of a kernel's own, by their distance from `_stext`: the same at every boot of one build. */
export interface TextSymbols {
  /** Bytes from `_stext` to `_etext`. */
  readonly span: number;
  /** All symbols of each name that was asked for, and of its clones: names that are the same up to the first dot. */
  readonly symbols: readonly TextSymbol[];
}

export interface TextSymbol {
  readonly name: string;
  /** Bytes from `_stext`. */
  readonly offset: number;
  /** Where the next symbol begins; undefined for the last one. */
  readonly next: number | undefined;
}

/** What a function and its clones (`f.isra.0`, `f.cold`) have in common. */
export const stemOf = (name: string): string => /^[^.]+/.exec(name)?.[0] ?? name;

/**
 * A few symbols of the running kernel by name, without fetching all 200 000: one pass over /proc/kallsyms on the host, less than
 * 200 bytes of answer a name. undefined: the host has no awk, hides its addresses, or lists them in another order.
 *
 * The kernel's own symbols come first and in order of address (scripts/kallsyms.c, sort_symbols), then those of modules.
 * Addresses are compared as text: awk would take those without letters for numbers and round them.
 */
export const kernelSymbolsProbe = (names: readonly string[], file = "/proc/kallsyms"): Probe<TextSymbols | undefined> => ({
  command: {
    argv: shellScript(`awk '${program}' - "$1"`, [file]),
    stdin: Buffer.from(`${["_stext", "_etext", ...names.filter((name) => /^[\w.$]+$/.test(name))].join("\n")}\n`),
    privilege: "root",
    timeoutMs: 60_000,
  },
  parse: ({ code, stdout }) => (code === 0 ? parseAnswer(Buffer.from(stdout).toString("latin1")) : undefined),
});

const program = `
NR == FNR { sub(/[.].*/, "", $1); want[$1]; next }
$4 != "" { exit }
($1 "") < last { print "!"; exit }
{ last = $1 "" }
held != "" && last != held { print ">", $1; held = "" }
{ stem = $3; if (dot = index(stem, ".")) stem = substr(stem, 1, dot - 1) }
stem in want { print $1, $3; held = last }`;

interface Seen {
  readonly name: string;
  readonly address: bigint;
  readonly next: bigint | undefined;
}

function parseAnswer(text: string): TextSymbols | undefined {
  const found = readLines(text);
  const [start, end] = ["_stext", "_etext"].map((name) => found?.find((symbol) => symbol.name === name)?.address);
  // Without CAP_SYSLOG every address reads as zero.
  if (!found || start === undefined || end === undefined || end <= start) return undefined;
  const symbols = found.map(({ name, address, next }) => ({ name, offset: Number(address - start), next: next === undefined ? undefined : Number(next - start) }));
  return { span: Number(end - start), symbols };
}

function readLines(text: string): Seen[] | undefined {
  const found: Seen[] = [];
  let open: { readonly name: string; readonly address: bigint }[] = [];
  const close = (next: bigint | undefined): void => {
    found.push(...open.map((symbol) => ({ ...symbol, next })));
    open = [];
  };
  for (const line of text.split("\n")) {
    const [, before = "", after = ""] = /^(\S+) (\S+)$/.exec(line) ?? [];
    if (line === "!") return undefined;
    if (before === ">" && isAddress(after)) close(BigInt(`0x${after}`));
    else if (isAddress(before)) open.push({ name: after, address: BigInt(`0x${before}`) });
  }
  close(undefined);
  return found;
}

const isAddress = (text: string): boolean => /^[0-9a-f]{8,16}$/.test(text);
