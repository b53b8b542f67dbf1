import { readFile, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { glob, SSHConfig } from "ssh-config";
import { DomainError } from "../base/errors";
import type { Destination } from "./destination";
import type { SshOptions } from "./sshHostConfig";

/** Deeper than OpenSSH goes (READCONF_MAX_DEPTH in readconf.c is 16). */
const deepestInclude = 16;

const userConfigFile = (): string => join(homedir(), ".ssh", "config");
const systemConfigFile = "/etc/ssh/ssh_config";

/** The options for one host by reading the files ourselves: for machines without the OpenSSH client. */
export async function readSshConfigFiles({ host, user }: Destination, configFile?: string): Promise<SshOptions> {
  const text = await readConfigTexts(configFile);
  const computed = SSHConfig.parse(text).compute({ Host: host, ...(user !== undefined && { User: user }) }, { ignoreCase: true, matchExec: false });
  const options = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(computed)) options.set(key.toLowerCase(), typeof value === "string" ? [value] : optionValues(key, value));
  return options;
}

const repeatable = /^identityfile$/i;
const optionValues = (key: string, values: readonly string[]): readonly string[] => (repeatable.test(key) ? values : [values.join(" ")]);

/** The user's file and the system's, or the one that is named, with everything they include. A missing file is empty. */
export async function readConfigTexts(configFile?: string): Promise<string> {
  if (configFile !== undefined) return expandIncludes(configFile, 0);
  return `${await expandIncludes(userConfigFile(), 0)}\n${await expandIncludes(systemConfigFile, 0)}`;
}

/** The file with every Include replaced by what it names. After an Include inside of a Host block the block goes on. */
async function expandIncludes(file: string, depth: number): Promise<string> {
  if (depth > deepestInclude) throw new DomainError("ssh/config-error", "Include goes too deep", file);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new DomainError("ssh/config-error", "cannot be read", file, { cause: error });
  });
  const lines: string[] = [];
  let block = "Host *";
  for (const line of text.split(/\r?\n/)) {
    const include = /^\s*Include(?:\s+|\s*=\s*)(.+)$/i.exec(line)?.[1];
    if (/^\s*(Host|Match)\b/i.test(line)) block = line;
    if (include === undefined) lines.push(line);
    else lines.push(...(await included(include, file, depth)), block);
  }
  return lines.join("\n");
}

/** The words of a line, with their quotes taken off and a comment left out. */
export const patternsOf = (line: string): string[] => [...line.replace(/\s#.*$/, "").matchAll(/"([^"]*)"|([^\s",]+)/g)].map((match) => match[1] ?? match[2] ?? "");

async function included(patterns: string, from: string, depth: number): Promise<string[]> {
  const texts: string[] = [];
  for (const pattern of patternsOf(patterns)) {
    for (const file of await matchingFiles(absolute(pattern, from))) texts.push(await expandIncludes(file, depth + 1));
  }
  return texts;
}

/** Relative names are those of ~/.ssh for a user's file and of /etc/ssh for the system's (ssh_config(5), Include). */
function absolute(pattern: string, from: string): string {
  const withHome = pattern.replace(/^~(?=\/|$)/, homedir());
  return isAbsolute(withHome) ? withHome : join(from.startsWith("/etc/ssh/") ? "/etc/ssh" : join(homedir(), ".ssh"), withHome);
}

async function matchingFiles(pattern: string): Promise<string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  const folder = dirname(pattern);
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name)).filter((file) => glob(pattern, file)).sort();
}
