import { homedir, hostname, userInfo } from "node:os";
import { createHash } from "node:crypto";
import { DomainError } from "../base/errors";
import type { Destination } from "./destination";

/** How to reach and whom to be on one host: what ssh_config(5) says in the end, with tokens expanded and paths absolute. */
export interface SshHostConfig {
  /** As the user named it. */
  readonly name: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Path of the agent's socket; undefined: there is none or it is not wanted. */
  readonly identityAgent?: string;
  /** Hops in the order they are passed. */
  readonly proxyJump: readonly string[];
  /** A line for the user's shell. */
  readonly proxyCommand?: string;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hashKnownHosts: boolean;
  readonly strictHostKeyChecking: "yes" | "ask" | "accept-new" | "no";
  /** The name under which the host is looked up in known_hosts. */
  readonly hostKeyAlias?: string;
  readonly connectTimeoutMs?: number;
  /** In the order they are to be tried; those not allowed are left out. */
  readonly authentications: readonly Authentication[];
  readonly passwordPrompts: number;
  readonly addressFamily?: 4 | 6;
}

export type Authentication = "publickey" | "keyboard-interactive" | "password";

/** Lower-case option → its values, one for each time it counts (IdentityFile) or the first that was given. */
export type SshOptions = ReadonlyMap<string, readonly string[]>;

const defaultIdentities = ["id_rsa", "id_ecdsa", "id_ed25519", "id_dsa"];

/** Turns options, as `ssh -G` prints them or a file spells them, into a configuration. */
export function sshHostConfig(name: string, destination: Destination, options: SshOptions, env: NodeJS.ProcessEnv = process.env): SshHostConfig {
  const one = (key: string): string | undefined => options.get(key)?.[0];
  const user = destination.user ?? one("user") ?? userInfo().username;
  const port = destination.port ?? numberOf(one("port")) ?? 22;
  const hostName = expandTokens(one("hostname") ?? destination.host, { h: destination.host, n: destination.host });
  const jump = wanted(one("proxyjump"));
  const tokens = tokenValues({ original: destination.host, hostName, port, user, alias: one("hostkeyalias"), jump });
  const path = (text: string): string => expandPath(text, tokens, env);
  const paths = (key: string, fallback: readonly string[]): string[] => words(one(key) ?? fallback.join(" ")).filter((text) => text !== "none").map(path);
  const identityFiles = options.get("identityfile") ?? defaultIdentities.map((file) => `~/.ssh/${file}`);
  const proxyCommand = wanted(one("proxycommand"));
  const timeout = numberOf(one("connecttimeout"));
  return {
    name,
    hostName,
    port,
    user,
    identityFiles: identityFiles.filter((file) => file !== "none").map(path),
    identitiesOnly: isYes(one("identitiesonly")),
    ...optional("identityAgent", agentSocket(one("identityagent"), path, env)),
    proxyJump: jump === undefined ? [] : expandTokens(jump, tokens).split(",").map((hop) => hop.trim()),
    ...optional("proxyCommand", jump === undefined && proxyCommand !== undefined ? expandTokens(proxyCommand, tokens) : undefined),
    userKnownHostsFiles: paths("userknownhostsfile", ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]),
    globalKnownHostsFiles: paths("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]),
    hashKnownHosts: isYes(one("hashknownhosts")),
    strictHostKeyChecking: strictness(one("stricthostkeychecking")),
    ...optional("hostKeyAlias", one("hostkeyalias")),
    ...optional("connectTimeoutMs", timeout === undefined ? undefined : timeout * 1000),
    authentications: authentications(one),
    passwordPrompts: numberOf(one("numberofpasswordprompts")) ?? 3,
    ...optional("addressFamily", addressFamilies[one("addressfamily") ?? ""]),
  };
}

/** The name and port as known_hosts files and OpenSSH's messages write them. */
export function knownHostName(config: Pick<SshHostConfig, "hostKeyAlias" | "hostName" | "port">): string {
  if (config.hostKeyAlias !== undefined) return config.hostKeyAlias.toLowerCase();
  const name = config.hostName.toLowerCase();
  return config.port === 22 ? name : `[${name}]:${config.port}`;
}

/** ssh_config(5), TOKENS. An unknown one is an error there too. */
export function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)?/g, (whole, letter: string | undefined) => {
    if (letter === "%") return "%";
    const value = letter === undefined ? undefined : tokens[letter];
    if (value === undefined) throw new DomainError("ssh/config-bad-token", `unknown token ${whole} in “${text}” of the SSH configuration`);
    return value;
  });
}

interface TokenSources {
  readonly original: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly alias: string | undefined;
  readonly jump: string | undefined;
}

function tokenValues({ original, hostName, port, user, alias, jump }: TokenSources): Record<string, string> {
  const { username, uid, homedir: home } = userInfo();
  const local = hostname();
  const L = local.split(".")[0] ?? local;
  const hash = createHash("sha1").update(`${local}${hostName}${port}${user}${jump ?? ""}`).digest("hex");
  return { C: hash, d: home || homedir(), h: hostName, i: String(uid), j: jump ?? "", k: alias ?? original, L, l: local, n: original, p: String(port), r: user, u: username };
}

function expandPath(text: string, tokens: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv): string {
  const home = homedir();
  const withHome = text.replace(/^~(?=\/|\\|$)/, home.replaceAll("%", "%%"));
  return expandTokens(withHome, tokens).replace(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole);
}

function agentSocket(option: string | undefined, path: (text: string) => string, env: NodeJS.ProcessEnv): string | undefined {
  const fallback = env.SSH_AUTH_SOCK ?? (process.platform === "win32" ? "\\\\.\\pipe\\openssh-ssh-agent" : undefined);
  if (option === undefined || option === "SSH_AUTH_SOCK") return fallback;
  if (option === "none") return undefined;
  return option.startsWith("$") && !option.startsWith("${") ? env[option.slice(1)] : path(option);
}

function authentications(one: (key: string) => string | undefined): readonly Authentication[] {
  const allowed: Readonly<Record<Authentication, boolean>> = {
    publickey: !isNo(one("pubkeyauthentication")),
    "keyboard-interactive": !isNo(one("kbdinteractiveauthentication") ?? one("challengeresponseauthentication")),
    password: !isNo(one("passwordauthentication")),
  };
  const order = (one("preferredauthentications") ?? "publickey,keyboard-interactive,password").split(",").map((word) => word.trim());
  return order.filter((method): method is Authentication => method in allowed && allowed[method as Authentication]);
}

function strictness(text: string | undefined): SshHostConfig["strictHostKeyChecking"] {
  if (isYes(text)) return "yes";
  if (isNo(text) || text === "off") return "no";
  return text === "accept-new" ? "accept-new" : "ask";
}

const addressFamilies: Readonly<Record<string, 4 | 6>> = { inet: 4, inet6: 6 };
const isYes = (text: string | undefined): boolean => text === "yes" || text === "true";
const isNo = (text: string | undefined): boolean => text === "no" || text === "false";
const wanted = (text: string | undefined): string | undefined => (text === "none" || text === "" ? undefined : text);
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");
const numberOf = (text: string | undefined): number | undefined => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined);
const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
