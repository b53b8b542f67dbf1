import type { OpenChannel } from "../target/channel";
import { CommandRunner } from "../target/commandRunner";
import { RootAccess } from "../target/rootAccess";
import type { Lease } from "../target/supervisor";
import { defaultLease } from "../target/supervisor";
import type { Target } from "../target/target";
import { ChannelPool } from "./channelPool";
import { furtherPrompts } from "./furtherPrompts";
import type { Route } from "./openRoute";
import { openRoute } from "./openRoute";
import { SessionLanes, type Lane } from "./sessionLanes";
import { SftpFiles } from "./sftpFiles";
import { sshSessions } from "./sshChannel";
import type { Keepalive } from "./sshConnection";
import { SshFiles } from "./sshFiles";
import type { SshPrompts } from "./sshPrompts";

export interface SshConnectOptions {
  readonly prompts: SshPrompts;
  /** Instead of ~/.ssh/config and the system's. */
  readonly configFile?: string;
  /** Instead of UserKnownHostsFile. */
  readonly knownHostsFile?: string;
  /** Without the time a person takes to answer. Default: ConnectTimeout of the configuration, else 30 s. */
  readonly connectTimeoutMs?: number;
  /** Default: 5 s, and three unanswered in a row mean a lost link. */
  readonly keepalive?: Keepalive;
  readonly lease?: Lease;
  /** Gives up connecting; it has no effect afterwards. */
  readonly signal?: AbortSignal;
}

const defaultKeepalive: Keepalive = { intervalMs: 5_000, countMax: 3 };
const endPatienceMs = 3_000;
/** With so few channels none is kept for sftp. */
const fewChannels = 2;

/**
 * Connects to a host as people's ssh does, by the same configuration, keys, agent and known hosts.
 *
 * @param name an alias, `user@host[:port]` or `[v6]:port`
 * @throws DomainError `ssh/bad-name`, `ssh/config-error`, `ssh/config-bad-token`, `ssh/unknown-host`, `ssh/refused`, `ssh/unreachable`, `ssh/timeout`,
 *   `ssh/connection-failed`, `ssh/proxy-failed`, `ssh/forwarding-denied`, `ssh/handshake-failed`, `ssh/host-key-changed`, `ssh/host-key-revoked`,
 *   `ssh/host-key-refused`, `ssh/known-hosts-unreadable`, `ssh/known-hosts-unwritable`, `ssh/auth-failed`, `ssh/cancelled`; the signal's reason when it was aborted
 */
export async function connectSsh(name: string, options: SshConnectOptions): Promise<Target> {
  const { signal = new AbortController().signal, keepalive = defaultKeepalive, ...rest } = options;
  const prompts = furtherPrompts(options.prompts);
  const route = await openRoute(name, { ...rest, prompts: prompts.first, signal, keepalive });
  const another = (): Promise<Route> => openRoute(name, { ...rest, prompts: prompts.further, signal: route.connection.closed, keepalive });
  return sshTarget(name, route, another, options);
}

function laneOf(name: string, { connection, close }: Route): Lane {
  const pool = new ChannelPool(name);
  return { pool, open: sshSessions(connection, pool), closed: connection.closed, close };
}

function sshTarget(name: string, route: Route, another: () => Promise<Route>, { prompts, lease = defaultLease }: SshConnectOptions): Target {
  const { connection } = route;
  const lane = laneOf(name, route);
  const { pool } = lane;
  const lanes = new SessionLanes(lane, async () => laneOf(name, await another()));
  const open: OpenChannel = (argv) => lanes.open(argv);
  const root = new RootAccess(name, open, (question) => prompts.sudoPassword(question));
  const runner = new CommandRunner(name, open, root, lease);
  pool.addIdleHolder(runner);
  const files = new SshFiles(name, new SftpFiles(connection, pool), runner, () => pool.capacity <= fewChannels);
  connection.closed.addEventListener("abort", () => pool.drain(), { once: true });
  return {
    name,
    kind: "ssh",
    closed: connection.closed,
    run: (command, signal) => runner.run(command, signal),
    start: (command, signal) => runner.start(command, signal),
    attach: (program, signal) => runner.attach(program, signal),
    openFile: (path) => files.open(path),
    stat: (path) => files.stat(path),
    async dispose() {
      await runner.stopAll(endPatienceMs);
      lane.close();
    },
  };
}
