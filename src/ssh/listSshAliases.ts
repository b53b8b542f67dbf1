import { patternsOf, readConfigTexts } from "./sshConfigFiles";

/** The names that `Host` lines give, without patterns, in order, following Include. A missing file has none. */
export async function listSshAliases(configFile?: string): Promise<readonly string[]> {
  const text = await readConfigTexts(configFile);
  const names = [...text.matchAll(/^[ \t]*Host(?:[ \t]+|[ \t]*=[ \t]*)(.+)$/gim)].flatMap((match) => patternsOf(match[1] ?? ""));
  return [...new Set(names.filter((name) => !/[*?!]/.test(name)))];
}
