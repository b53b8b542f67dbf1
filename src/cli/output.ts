import { hex } from "../base/brands";

/** Where a subcommand writes. Results go to stdout, progress and problems to stderr. */
export interface Output {
  readonly json: boolean;
  readonly color: boolean;
  /** A line of result text. */
  line(text: string): void;
  /** One JSON object, one line. */
  object(value: object): void;
  /** A line for people that is not part of the result. */
  note(text: string): void;
  /** A passing state: replaces the previous one on a terminal, says nothing elsewhere. */
  progress(text: string): void;
}

export function createOutput(json: boolean, streams: { readonly out: NodeJS.WriteStream; readonly err: NodeJS.WriteStream } = { out: process.stdout, err: process.stderr }): Output {
  const { out, err } = streams;
  let transient = false;
  const clear = (): void => {
    if (transient) err.write("\r\x1b[K");
    transient = false;
  };
  return {
    json,
    color: !json && out.isTTY && process.env.NO_COLOR === undefined,
    line: (text) => {
      clear();
      out.write(`${text}\n`);
    },
    object: (value) => {
      clear();
      out.write(`${toJson(value)}\n`);
    },
    note: (text) => {
      clear();
      err.write(`${text}\n`);
    },
    progress: (text) => {
      if (!err.isTTY) return;
      clear();
      if (text !== "") err.write(text);
      transient = text !== "";
    },
  };
}

/** Addresses are hex strings on the wire; what is not known is null, so that a script never takes it for zero. */
export const toJson = (value: object): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `0x${hex(item)}` : item));

const codes = { red: 31, green: 32, yellow: 33, blue: 34, dim: 2, bold: 1 } as const;
export type Color = keyof typeof codes;

export const paint = (output: Output, color: Color, text: string): string => (output.color ? `\x1b[${codes[color]}m${text}\x1b[0m` : text);

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Rows as aligned columns, two spaces apart, without trailing spaces. Cells are plain text. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => all.reduce((width, row) => Math.max(width, (row[index] ?? "").length), 0));
  return all.map((row) =>
    row
      .map((cell, index) => (columns[index]?.align === "right" ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** A number that may be unknown, for people. */
export const known = (value: number | undefined): string => (value === undefined ? "?" : String(value));
