import { spawn } from "node:child_process";
import { connect } from "node:net";
import { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../base/errors";
import type { SshHostConfig } from "./sshHostConfig";

/** The output of a command may end a little before the command itself. */
const explanationMs = 500;

/** The byte stream below an SSH connection. */
export interface Link {
  readonly stream: Duplex;
  close(): void;
  /** Why the stream ended, when whoever carries it has something to say about it. */
  explain?(): Promise<DomainError | undefined>;
}

/** @throws DomainError `ssh/unknown-host`, `ssh/refused`, `ssh/unreachable`, `ssh/timeout` */
export function tcpLink(config: SshHostConfig, signal: AbortSignal): Promise<Link> {
  const { hostName: host, port, addressFamily: family } = config;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, ...(family !== undefined && { family }) });
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => {
      signal.removeEventListener("abort", abort);
      socket.removeAllListeners("error");
      resolve({ stream: socket, close: () => socket.destroy() });
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", abort);
      reject(tcpError(error, config));
    });
  });
}

/** The standard streams of a ProxyCommand, run by the user's shell as OpenSSH does. */
export function commandLink(config: SshHostConfig, line: string): Promise<Link> {
  const windows = process.platform === "win32";
  const child = windows ? spawn(line, { shell: true, stdio: "pipe" }) : spawn(process.env.SHELL ?? "/bin/sh", ["-c", `exec ${line}`], { stdio: "pipe", detached: true });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-500)));
  child.stdin.on("error", () => undefined);
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  stream.on("error", () => undefined);
  const close = (): void => {
    child.stdin.destroy();
    child.kill();
  };
  const failed = (message: string): DomainError => new DomainError("ssh/proxy-failed", `ProxyCommand “${line}” ${message}`, config.name);
  const ended = new Promise<DomainError>((resolve) => {
    child.once("close", (code, signal) => resolve(failed(`ended (${signal ?? `status ${code ?? "?"}`})${words === "" ? "" : `: ${words.trim()}`}`)));
  });
  void ended.then((error) => stream.destroy(error));
  const explain = (): Promise<DomainError | undefined> => Promise.race([ended, sleep(explanationMs, undefined)]);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(failed(`could not be started: ${error.message}`)));
    child.once("spawn", () => resolve({ stream, close, explain }));
  });
}

/** A connection that a jump host makes for us (RFC 4254, 7.2: direct-tcpip). */
export function jumpLink(client: Client, jumpName: string, config: SshHostConfig): Promise<Link> {
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, config.hostName, config.port, (error, stream) => {
      if (error) reject(jumpError(error, jumpName, config));
      else resolve({ stream, close: () => stream.destroy() });
    });
  });
}

function tcpError(error: NodeJS.ErrnoException, { hostName, port, name }: SshHostConfig): DomainError {
  const at = `${hostName} port ${port}`;
  const make = (code: string, message: string): DomainError => new DomainError(code, message, name, { cause: error });
  switch (error.code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
      return make("ssh/unknown-host", `there is no host ${hostName} (its name has no address${error.code === "EAI_AGAIN" ? ", or the name server does not answer" : ""})`);
    case "ECONNREFUSED":
      return make("ssh/refused", `${at} refused the connection: nothing listens there`);
    case "ETIMEDOUT":
      return make("ssh/timeout", `${at} did not answer`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return make("ssh/unreachable", `there is no way to ${at} (${error.code})`);
    default:
      return make("ssh/connection-failed", `${at}: ${error.message || (error.code ?? "the connection failed")}`);
  }
}

/** OpenSSH's sshd puts the reason of a failed connect into the description (channels.c); others leave it out. */
function jumpError(error: Error, jump: string, { hostName, port, name }: SshHostConfig): DomainError {
  const words = error.message.replace(/^\(SSH\) Channel open failure: /, "");
  const table: readonly (readonly [RegExp, string])[] = [
    [/refused/i, "ssh/refused"],
    [/not known|no address|name or service|resolve/i, "ssh/unknown-host"],
    [/timed? ?out/i, "ssh/timeout"],
    [/prohibited|denied|disabled/i, "ssh/forwarding-denied"],
  ];
  const code = table.find(([pattern]) => pattern.test(words))?.[1] ?? "ssh/unreachable";
  return new DomainError(code, `the jump host ${jump} could not connect to ${hostName} port ${port}: ${words}`, name, { cause: error });
}
