/** Makes text of a host (process names, messages) safe as Markdown: it can neither link nor draw. */
export const escapeMarkdown = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!<>|~$]/g, "\\$&");

/** Text in code style. Backticks in it lengthen the fence. */
export function inlineCode(text: string): string {
  const fence = "`".repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map((match) => match[0].length)) + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text.replaceAll("\n", " ")}${pad}${fence}`;
}

export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${escapeMarkdown(line)}`).join("\n");
