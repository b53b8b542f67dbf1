import { DomainError } from "../base/errors";
import type { Link } from "./link";
import { commandLink, jumpLink, tcpLink } from "./link";
import { readSshConfig } from "./readSshConfig";
import type { ConnectionOptions } from "./sshConnection";
import { SshConnection } from "./sshConnection";
import type { SshHostConfig } from "./sshHostConfig";

/** A connection and those it goes through, outermost first. */
export interface Route {
  readonly connection: SshConnection;
  readonly close: () => void;
}

export interface RouteOptions extends Omit<ConnectionOptions, "connectTimeoutMs"> {
  readonly configFile?: string;
  readonly knownHostsFile?: string;
  readonly connectTimeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const mostHops = 10;

/** Connects to a host, through its jump hosts if the configuration names any, each authenticated like the last. */
export async function openRoute(name: string, options: RouteOptions, hops = 0): Promise<Route> {
  if (hops > mostHops) throw new DomainError("ssh/config-error", `more than ${mostHops} jump hosts: does ProxyJump go in a circle?`, name);
  const config = await configOf(name, options);
  const [first, ...others] = config.proxyJump;
  if (first === undefined) return connectOver(config, options, (signal) => directLink(config, signal));
  let route = await openRoute(first, options, hops + 1);
  for (const hop of others) route = await throughRoute(route, await configOf(hop, options), options);
  return throughRoute(route, config, options);
}

async function configOf(name: string, { configFile, knownHostsFile }: RouteOptions): Promise<SshHostConfig> {
  const config = await readSshConfig(name, configFile);
  return knownHostsFile === undefined ? config : { ...config, userKnownHostsFiles: [knownHostsFile] };
}

const directLink = (config: SshHostConfig, signal: AbortSignal): Promise<Link> =>
  config.proxyCommand === undefined ? tcpLink(config, signal) : commandLink(config, config.proxyCommand);

async function throughRoute(outer: Route, config: SshHostConfig, options: RouteOptions): Promise<Route> {
  try {
    const inner = await connectOver(config, options, () => jumpLink(outer.connection.client, outer.connection.config.name, config));
    const close = (): void => {
      inner.close();
      outer.close();
    };
    return { connection: inner.connection, close };
  } catch (error) {
    outer.close();
    throw error;
  }
}

async function connectOver(config: SshHostConfig, options: RouteOptions, open: (signal: AbortSignal) => Promise<Link>): Promise<Route> {
  const connectTimeoutMs = options.connectTimeoutMs ?? config.connectTimeoutMs ?? defaultTimeoutMs;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new DomainError("ssh/timeout", `${config.hostName} port ${config.port} did not answer within ${connectTimeoutMs / 1000} s`, config.name));
  }, connectTimeoutMs);
  const link = await open(AbortSignal.any([options.signal, late.signal])).finally(() => clearTimeout(timer));
  const connection = await SshConnection.open(config, link, { ...options, connectTimeoutMs });
  return { connection, close: () => connection.close() };
}
