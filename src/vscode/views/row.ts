import type { Finding, Remedy } from "../../collectors/capability";
import type { Listener } from "../../collectors/socketModel";
import type { SourcePlace } from "../../stacks/stack";

/**
 * One row of a view, as plain data. The builders of the four views make them from models and know
 * nothing of VS Code; `RowTree` draws them; commands read `subject`.
 */
export interface Row {
  /** Unique in its view and stable across refreshes: expansion and selection hang on it. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly icon?: RowIcon;
  /** Markdown. */
  readonly tooltip?: string;
  /** What a screen reader says instead of label and description, where those rest on signs and colour. */
  readonly spoken?: string;
  /** For `viewItem` in `when` clauses. */
  readonly context?: string;
  readonly subject?: RowSubject;
  readonly children?: readonly Row[];
  readonly expanded?: boolean;
  /** Run by a click or Enter. */
  readonly action?: RowAction;
}

export interface RowIcon {
  /** A codicon. */
  readonly id: string;
  /** A theme colour. */
  readonly color?: string;
}

export type RowAction = { readonly kind: "open-source"; readonly host: string; readonly place: SourcePlace } | { readonly kind: "connect"; readonly host: string } | { readonly kind: "show-listener" } | { readonly kind: "show-trace"; readonly trace: string };

/** What a row is about. */
export type RowSubject =
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "listener"; readonly host: string; readonly listener: Listener }
  | { readonly kind: "trace"; readonly trace: string }
  | { readonly kind: "group"; readonly trace: string; readonly group: string }
  | { readonly kind: "source"; readonly host: string; readonly place: SourcePlace }
  | { readonly kind: "finding"; readonly host: string; readonly finding: Finding }
  | { readonly kind: "remedy"; readonly host: string; readonly remedy: Remedy };

export const icons = {
  ok: { id: "pass", color: "testing.iconPassed" },
  warning: { id: "warning", color: "list.warningForeground" },
  error: { id: "error", color: "list.errorForeground" },
  unknown: { id: "question", color: "disabledForeground" },
  info: { id: "info" },
  number: { id: "dashboard" },
  process: { id: "symbol-method" },
} as const satisfies Record<string, RowIcon>;

/** The row as text: what Copy puts on the clipboard. */
export function rowText(row: Row, depth = 0): string {
  const own = `${"  ".repeat(depth)}${row.label}${row.description === undefined ? "" : `  ${row.description}`}`;
  return [own, ...(row.children ?? []).map((child) => rowText(child, depth + 1))].join("\n");
}
