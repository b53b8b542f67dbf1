import type { Row, RowSubject } from "./row";

/** The subject of the row a command was invoked on; undefined when it came from the palette. */
export function rowSubject(argument: unknown): RowSubject | undefined {
  return isRow(argument) ? argument.subject : undefined;
}

export function isRow(argument: unknown): argument is Row {
  return typeof argument === "object" && argument !== null && "id" in argument && "label" in argument;
}
