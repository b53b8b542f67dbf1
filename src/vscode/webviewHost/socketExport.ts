import type { SocketRow } from "../../collectors/socketModel";
import { socketColumns } from "../../protocol/socketTable";
import { socketCells } from "./socketCells";

/** RFC 4180, with a header of column titles. Unknown cells are empty. */
export function socketsAsCsv(rows: readonly SocketRow[]): string {
  const lines = [socketColumns.map(({ title }) => title), ...rows.map((row) => socketCells(row).map((cell) => (cell === null ? "" : String(cell))))];
  return `${lines.map((cells) => cells.map(csvField).join(",")).join("\r\n")}\r\n`;
}

/** A leading apostrophe keeps spreadsheets from running text of a host as a formula. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One object a line, as `knetscope sockets --json` prints them. */
export const socketsAsJson = (rows: readonly SocketRow[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
