import type { Span } from "./syntax";

export interface TextChange extends Span {
  readonly text: string;
}

export interface Fix {
  readonly title: string;
  readonly changes: readonly TextChange[];
  /** There is no doubt that this is what was meant. */
  readonly preferred?: boolean;
}

/** Something wrong with a program. Codes are stable: `syntax`, `unknown-field`, `version`… */
export interface Finding extends Span {
  readonly code: string;
  readonly severity: "error" | "warning" | "information";
  readonly message: string;
  readonly fixes: readonly Fix[];
}

export const replaceBy = ({ start, end }: Span, text: string, preferred = false): Fix => ({
  title: `Change to “${text}”`, changes: [{ start, end, text }], ...(preferred && { preferred }),
});

/** “; near it: a, b” */
export const nearWords = (names: readonly string[]): string => (names.length === 0 ? "" : `; did you mean ${names.join(", ")}?`);
