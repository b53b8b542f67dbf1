import type { SourcePlace } from "../../stacks/stack";

/** `net/ipv4/tcp.c`, `net/ipv4/tcp.c:12` or `net/ipv4/tcp.c:12:3`. Without a line: the first. undefined for anything else. */
export function parseFileLine(text: string): SourcePlace | undefined {
  const [, file, line, column] = /^(?:\.\/)?([^\s:]+)(?::([1-9]\d{0,8}))?(?::([1-9]\d{0,8}))?$/.exec(text.trim()) ?? [];
  if (file === undefined || file.endsWith("/")) return undefined;
  return { file, line: Number(line ?? 1), ...(column === undefined ? {} : { column: Number(column) }) };
}
