import type { SourcePlace } from "../stack";

/**
 * `net/ipv4/tcp.c:12`, `./net/ipv4/tcp.c:12:3`, `/usr/src/linux-6.1/net/ipv4/tcp.c:12`. A path of the machine that built the kernel is cut to the
 * part below the kernel's tree where that can be told. undefined for line 0 and for what names no line.
 */
export function parsePlace(text: string | undefined): SourcePlace | undefined {
  const match = text === undefined ? null : /^(?<file>[^:]+):\s*(?<line>\d+)(?::(?<column>\d+))?$/.exec(text.trim());
  const { file, line, column } = match?.groups ?? {};
  if (file === undefined || Number(line) === 0 || !Number.isSafeInteger(Number(line))) return undefined;
  return { file: belowTree(file), line: Number(line), ...(Number(column) > 0 ? { column: Number(column) } : {}) };
}

/** Folders at the top of the kernel's tree. */
const top = "arch|block|certs|crypto|drivers|fs|include|init|io_uring|ipc|kernel|lib|mm|net|rust|samples|security|sound|tools|usr|virt";
const treePart = new RegExp(String.raw`/(?:linux[^/]*|kernel[^/]*|[^/]*-(?:source|common|src)[^/]*|src|build[^/]*)/((?:${top})/.*)$`);

function belowTree(file: string): string {
  if (!file.startsWith("/")) return file.replace(/^(?:\.\/)+/, "");
  return treePart.exec(file)?.[1] ?? file;
}
