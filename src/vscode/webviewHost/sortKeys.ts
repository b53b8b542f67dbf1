/**
 * What a column is sorted by: numbers that are laid out once, so that comparing two rows reads memory and makes no text. Texts become
 * their rank among the different texts of the column; addresses compare by their bytes, then by port.
 */
import type { Slices } from "../../base/slices";
import { allIndexes, sortIndexes, type CompareIndexes } from "../../base/sortIndexes";
import type { Endpoint } from "../../collectors/socketModel";
import type { SocketColumnId } from "../../protocol/tableColumns";
import { parseAddress } from "../../base/addressText";
import { addressFamily } from "../../sockdiag/protocols";
import { isKnown, type SocketColumns } from "../../sockdiag/socketColumns";
import { cellReader, isInet, type CellReader } from "./cellReader";
import type { RowSource } from "./rowSource";

export interface SortKeys {
  readonly compare: CompareIndexes;
  /** Rows without a value come last in either direction: the unknown is no small number. */
  readonly known: (row: number) => boolean;
}

export const sortKeys = (source: RowSource, column: SocketColumnId, slices: Slices): Promise<SortKeys> =>
  column === "local" || column === "remote" ? endpointKeys(source, column, slices) : valueKeys(source, column, slices);

/** Timers and cookies are not sorted by their text. */
function numberReader(source: RowSource, column: SocketColumnId): CellReader {
  const { columns } = source;
  if (column === "timer") return columns ? (row) => (columns.timer[row] ? columns.expires[row] : undefined) : (row) => source.row(row).timer?.expiresMs;
  if (column !== "cookie") return cellReader(source, column);
  if (columns) return (row) => ((columns.known[row] ?? 0) & isKnown.cookie ? (columns.cookieHigh[row] ?? 0) * 2 ** 32 + (columns.cookieLow[row] ?? 0) : undefined);
  return (row) => {
    const { cookie } = source.row(row);
    return cookie === undefined ? undefined : parseInt(cookie, 16);
  };
}

async function valueKeys(source: RowSource, column: SocketColumnId, slices: Slices): Promise<SortKeys> {
  const valueOf = numberReader(source, column);
  const keys = new Float64Array(source.length);
  const texts = new Map<string, number>();
  for (let row = 0; row < source.length; row++) {
    const cell = valueOf(row);
    keys[row] = cell === undefined ? NaN : typeof cell === "number" ? cell : textNumber(texts, cell);
    if (slices.over) await slices.rest();
  }
  const ranks = texts.size > 0 ? await ranksOf(texts, slices) : undefined;
  if (ranks) {
    for (let row = 0; row < keys.length; row++) {
      keys[row] = ranks[keys[row] ?? 0] ?? NaN;
      if ((row & 4095) === 0 && slices.over) await slices.rest();
    }
  }
  return { compare: (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0), known: (row) => !Number.isNaN(keys[row]) };
}

function textNumber(texts: Map<string, number>, text: string): number {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, texts.size);
  return texts.size - 1;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** By the number that a text was given. Few texts differ, but for names and cookies. */
async function ranksOf(texts: ReadonlyMap<string, number>, slices: Slices): Promise<Float64Array> {
  const names = [...texts.keys()];
  const order = allIndexes(names.length);
  const sorted = await sortIndexes(order, (a, b) => collator.compare(names[a] ?? "", names[b] ?? ""), slices);
  const ranks = new Float64Array(texts.size);
  sorted.forEach((number, rank) => (ranks[number] = rank));
  return ranks;
}

/** Kinds in the order in which they are shown. */
const kinds = { ipv4: 0, ipv6: 1, text: 2 } as const;

async function endpointKeys(source: RowSource, column: "local" | "remote", slices: Slices): Promise<SortKeys> {
  const words = new Float64Array(source.length * 3);
  const texts = new Map<string, number>();
  for (let row = 0; row < source.length; row++) {
    if (source.columns && isInet(source.columns, row)) writeWords(words, row, source.columns, column);
    else writeEndpoint(words, row * 3, source.row(row)[column], texts);
    if (slices.over) await slices.rest();
  }
  if (texts.size > 0) await rankTexts(words, texts, slices);
  const compare: CompareIndexes = (a, b) =>
    (words[a * 3] ?? 0) - (words[b * 3] ?? 0) || (words[a * 3 + 1] ?? 0) - (words[b * 3 + 1] ?? 0) || (words[a * 3 + 2] ?? 0) - (words[b * 3 + 2] ?? 0);
  return { compare, known: () => true };
}

/** Numbers of texts become their ranks. */
async function rankTexts(words: Float64Array, texts: ReadonlyMap<string, number>, slices: Slices): Promise<void> {
  const ranks = await ranksOf(texts, slices);
  for (let at = 0; at < words.length; at += 3) if (words[at] === kinds.text * kindStep) words[at + 1] = ranks[words[at + 1] ?? 0] ?? 0;
}

/** 48 bits of an address fit below the kind in one double. */
const kindStep = 2 ** 48;

/** The same of columns. */
function writeWords(keys: Float64Array, row: number, columns: SocketColumns, side: "local" | "remote"): void {
  const [words, ports] = side === "local" ? [columns.localAddress, columns.localPort] : [columns.remoteAddress, columns.remotePort];
  const word = (index: number): number => words[4 * row + index] ?? 0;
  const port = ports[row] ?? 0;
  const at = row * 3;
  if (columns.family[row] === addressFamily.ipv4) {
    keys[at] = kinds.ipv4 * kindStep;
    keys[at + 1] = word(0);
    keys[at + 2] = port;
    return;
  }
  keys[at] = kinds.ipv6 * kindStep + word(0) * 65536 + (word(1) >>> 16);
  keys[at + 1] = (word(1) & 0xffff) * 2 ** 32 + word(2);
  keys[at + 2] = word(3) * 65536 + port;
}

/** Three doubles hold 48 + 48 + 32 bits of the address and 16 of the port. */
function writeEndpoint(words: Float64Array, at: number, { address, port = 0 }: Endpoint, texts: Map<string, number>): void {
  const bytes = parseAddress(address);
  const number = (from: number, to: number): number => bytes?.subarray(from, to).reduce((sum, byte) => sum * 256 + byte, 0) ?? 0;
  if (bytes?.length === 16) words.set([kinds.ipv6 * kindStep + number(0, 6), number(6, 12), number(12, 16) * 65536 + port], at);
  else if (bytes) words.set([kinds.ipv4 * kindStep, number(0, 4), port], at);
  else words.set([kinds.text * kindStep, textNumber(texts, address), port], at);
}
