import { Slices } from "../../base/slices";
import { socketJson } from "../../collectors/socketJson";
import { tableColumns } from "../../protocol/tableColumns";
import type { RowSource } from "./rowSource";
import { socketCells } from "./socketCells";

/** Characters of one piece. */
const PIECE = 1 << 16;

/**
 * The sockets of these indexes as text, in pieces, so that no more than one is in memory. CSV by RFC 4180 with a header of column titles, unknown
 * cells empty; JSON as `knetscope sockets --json` prints it, one object a line.
 */
export async function* exportText(format: "csv" | "json", source: RowSource, indexes: Uint32Array, signal?: AbortSignal): AsyncGenerator<string> {
  const slices = new Slices(signal);
  let piece = format === "csv" ? csvLine(tableColumns.map(({ title }) => title)) : "";
  for (const index of indexes) {
    const row = source.row(index);
    piece += format === "csv" ? csvLine(socketCells(row).map((cell) => (cell === null ? "" : String(cell)))) : `${JSON.stringify(socketJson(row))}\n`;
    if (piece.length >= PIECE) {
      yield piece;
      piece = "";
    }
    if (slices.over) await slices.rest();
  }
  yield piece;
}

const csvLine = (cells: readonly string[]): string => `${cells.map(csvField).join(",")}\r\n`;

/** A leading apostrophe keeps spreadsheets from running text of a host as a formula. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
