import { setMaxListeners } from "node:events";
import type { Client as SshClient } from "ssh2";
import ssh2 from "ssh2";
import { DomainError, errorCode } from "../base/errors";
import { Authentication } from "./authentication";
import { HostKeyCheck } from "./hostKeyCheck";
import type { Link } from "./link";
import { Patience } from "./patience";
import { patientPrompts } from "./patientPrompts";
import type { SshHostConfig } from "./sshHostConfig";
import type { SshPrompts } from "./sshPrompts";

export interface Keepalive {
  readonly intervalMs: number;
  /** So many unanswered in a row mean that the link is gone. */
  readonly countMax: number;
}

export interface ConnectionOptions {
  readonly prompts: SshPrompts;
  readonly keepalive: Keepalive;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
}

interface SshError extends Error {
  readonly level?: string;
}

/** One authenticated SSH connection over a given link. */
export class SshConnection {
  private readonly lost = new AbortController();

  private constructor(
    readonly client: SshClient,
    readonly config: SshHostConfig,
    private readonly link: Link,
  ) {
    // Every channel listens.
    setMaxListeners(0, this.lost.signal);
  }

  /** Aborted when the connection is gone: `target/link-lost`, or `target/disposed` after `close`. */
  get closed(): AbortSignal {
    return this.lost.signal;
  }

  /** Handshake, host key, authentication. Closes the link when it fails. */
  static async open(config: SshHostConfig, link: Link, options: ConnectionOptions): Promise<SshConnection> {
    const connection = new SshConnection(new ssh2.Client(), config, link);
    try {
      await connection.handshake(options);
      return connection;
    } catch (error) {
      const broken = ["ssh/connection-failed", "ssh/timeout"].includes(errorCode(error) ?? "");
      const explanation = broken ? await link.explain?.() : undefined;
      connection.close();
      throw explanation ?? error;
    }
  }

  close(): void {
    this.lost.abort(new DomainError("target/disposed", "the connection was closed by us", this.config.name));
    this.client.end();
    this.client.destroy();
    this.link.close();
  }

  private async handshake({ prompts, keepalive, connectTimeoutMs, signal }: ConnectionOptions): Promise<void> {
    signal.throwIfAborted();
    let fail: (error: Error) => void = () => undefined;
    const patience = new Patience(connectTimeoutMs, () => fail(this.error("ssh/timeout", `no SSH connection after ${connectTimeoutMs / 1000} s`)));
    const patient = patientPrompts(prompts, patience);
    const check = await HostKeyCheck.load(this.config, patient);
    const authentication = new Authentication(this.config, patient);
    const abort = (): void => fail(signal.reason as Error);
    try {
      await new Promise<void>((resolve, reject) => {
        fail = reject;
        signal.addEventListener("abort", abort, { once: true });
        // It may have come while the known hosts were read.
        if (signal.aborted) abort();
        this.watch(reject, authentication);
        this.client.once("ready", resolve);
        // The library does not notice a stream that ended before it was given to it.
        this.link.stream.once("close", () => reject(this.error("ssh/connection-failed", "the connection ended before it was set up")));
        if (this.link.stream.destroyed) throw this.error("ssh/connection-failed", "the connection ended before it began");
        this.client.connect({
          sock: this.link.stream,
          username: this.config.user,
          authHandler: authentication.handler,
          algorithms: { serverHostKey: check.algorithms() },
          hostVerifier: (key: Buffer, verify: (good: boolean) => void) => {
            check.verify(key).then(
              () => verify(true),
              (error: unknown) => {
                fail(error as Error);
                verify(false);
              },
            );
          },
          keepaliveInterval: keepalive.intervalMs,
          keepaliveCountMax: keepalive.countMax,
          readyTimeout: 0,
        });
      });
    } finally {
      patience.end();
      signal.removeEventListener("abort", abort);
    }
  }

  /** Before we are in, an error or end is why we did not get in; afterwards it is a lost link. */
  private watch(reject: (error: Error) => void, authentication: Authentication): void {
    let last: SshError | undefined;
    this.client.on("error", (error: SshError) => {
      // A key of the agent that could not sign; the library goes on with the next.
      if (error.level === "agent" || (error.level === "client-authentication" && error.message.includes("sign"))) return;
      last ??= error;
      reject(this.connectError(error, authentication));
    });
    this.client.on("close", () => {
      const words = last?.message ?? "the connection was closed";
      reject(this.error("ssh/connection-failed", `the server closed the connection: ${words}`));
      this.lost.abort(this.error("target/link-lost", `the connection is lost: ${words}`, last));
    });
  }

  private connectError(error: SshError, authentication: Authentication): DomainError {
    if (error instanceof DomainError) return error;
    if (error.level === "client-authentication" || /authentication/i.test(error.message)) return authentication.failure();
    if (error.level === "handshake") return this.error("ssh/handshake-failed", error.message, error);
    return this.error("ssh/connection-failed", `the connection broke off: ${error.message}`, error);
  }

  private error(code: string, message: string, cause?: Error): DomainError {
    return new DomainError(code, message, this.config.name, { cause });
  }
}
