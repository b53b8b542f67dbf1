import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

/** What one file of the SSH configuration (ssh_config(5)) says about names. */
export interface SshConfigNames {
  /** `Host` patterns that are plain names: those a person can connect to. */
  readonly aliases: readonly string[];
  /** `Include` arguments as written. */
  readonly includes: readonly string[];
}

/** Keywords are case-insensitive and may be followed by `=`; arguments may be in double quotes. */
export function sshConfigNames(text: string): SshConfigNames {
  const found = { aliases: [] as string[], includes: [] as string[] };
  for (const line of text.split(/\r?\n/)) {
    const [, keyword = "", rest = ""] = /^\s*(host|include)(?:\s*=\s*|\s+)(.*)$/i.exec(line) ?? [];
    const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
    const used = words.slice(0, words.findIndex((word) => word.startsWith("#")) >>> 0);
    if (keyword.toLowerCase() === "host") found.aliases.push(...used.filter((word) => word !== "" && !/[*?!]/.test(word)));
    else if (keyword !== "") found.includes.push(...used);
  }
  return found;
}

/** The names of the user's SSH configuration, in its order. An absent file has none; another failure is an error. */
export async function sshAliases(file = join(homedir(), ".ssh", "config"), depth = 0): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const { aliases, includes } = sshConfigNames(text);
  // OpenSSH reads includes sixteen deep.
  const included = depth >= 16 ? [] : await Promise.all(includes.map((pattern) => includedAliases(pattern, file, depth)));
  return [...new Set([...aliases, ...included.flat()])];
}

async function includedAliases(pattern: string, from: string, depth: number): Promise<readonly string[]> {
  const expanded = pattern.startsWith("~/") ? join(homedir(), pattern.slice(2)) : pattern;
  // Relative names are looked up in ~/.ssh, that is beside the user's own configuration.
  const files = await matchingFiles(isAbsolute(expanded) ? expanded : resolve(dirname(from), expanded));
  return (await Promise.all(files.map((file) => sshAliases(file, depth + 1)))).flat();
}

/** Wildcards are understood in the last part of the path, where people write them (`config.d/*`). */
async function matchingFiles(pattern: string): Promise<readonly string[]> {
  const name = basename(pattern);
  if (!/[*?]/.test(name)) return [pattern];
  const expression = new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`);
  const names = await readdir(dirname(pattern)).catch(() => []);
  return names.filter((candidate) => expression.test(candidate) && !candidate.startsWith(".")).sort().map((candidate) => join(dirname(pattern), candidate));
}
