import { Emitter } from "../../base/emitter";
import { DomainError } from "../../base/errors";
import type { Capability } from "../../collectors/capability";
import type { HostFacts } from "../../probes/hostFacts";
import type { DebuginfoState, Host } from "../../session/host";
import { isCancelled } from "../async/isCancelled";

/** Connects to a host by name. Injected, so that the registry knows neither SSH nor VS Code. */
export type OpenHost = (name: string, signal: AbortSignal, report: (step: string) => void) => Promise<Host>;

export type HostState =
  | { readonly kind: "disconnected" }
  | { readonly kind: "connecting"; readonly step: string }
  | { readonly kind: "connected"; readonly host: Host; readonly facts: HostFacts }
  /** `lost`: it was connected before. */
  | { readonly kind: "failed"; readonly error: unknown; readonly lost: boolean };

/** What is known of a host's abilities; filled after the connection, row by row. */
export interface HostCheck {
  readonly running: boolean;
  readonly capabilities?: readonly Capability[];
  readonly debuginfo?: DebuginfoState;
  readonly error?: unknown;
}

export interface HostEntry {
  readonly name: string;
  readonly state: HostState;
  readonly check: HostCheck;
}

export const localName = "local";

const unchecked: HostCheck = { running: false };

/** Every host the user named, this machine first, and the state of each. One connection a host. */
export class HostRegistry {
  private readonly entries = new Map<string, HostEntry>();
  private readonly attempts = new Map<string, { readonly promise: Promise<Host>; readonly abort: AbortController }>();
  private readonly changed = new Emitter<void>();
  private readonly lost = new Emitter<{ readonly name: string; readonly error: unknown }>();
  private activeName: string | undefined;

  readonly onChange = this.changed.subscribe;
  /** A connected host's link broke, without our asking. */
  readonly onLost = this.lost.subscribe;

  constructor(private readonly open: OpenHost) {
    this.setNames([]);
  }

  /** The hosts of the settings. Connected ones stay until they are disconnected. */
  setNames(names: readonly string[]): void {
    const wanted = new Set([localName, ...names.map((name) => name.trim()).filter((name) => name !== "")]);
    const kept = [...this.entries.values()].filter((entry) => !wanted.has(entry.name) && entry.state.kind === "connected");
    const next = [...wanted].map((name) => this.entries.get(name) ?? { name, state: { kind: "disconnected" as const }, check: unchecked });
    this.entries.clear();
    for (const entry of [...next, ...kept]) this.entries.set(entry.name, entry);
    this.changed.emit();
  }

  list(): readonly HostEntry[] {
    return [...this.entries.values()];
  }

  get(name: string): HostEntry | undefined {
    return this.entries.get(name);
  }

  connected(): readonly HostEntry[] {
    return this.list().filter((entry) => entry.state.kind === "connected");
  }

  /** The connected host of this name. */
  host(name: string): Host | undefined {
    const state = this.entries.get(name)?.state;
    return state?.kind === "connected" ? state.host : undefined;
  }

  /** The host that commands mean when nothing names one: the last connected or chosen one. */
  get active(): HostEntry | undefined {
    const chosen = this.activeName === undefined ? undefined : this.entries.get(this.activeName);
    return chosen?.state.kind === "connected" ? chosen : this.connected().at(-1);
  }

  setActive(name: string): void {
    this.activeName = name;
    this.changed.emit();
  }

  /** Connects, or joins the attempt under way, or returns the connection there is. */
  connect(name: string, signal?: AbortSignal, report?: (step: string) => void): Promise<Host> {
    const existing = this.host(name);
    if (existing) return Promise.resolve(existing);
    const attempt = this.attempts.get(name) ?? this.begin(name, report);
    signal?.addEventListener("abort", () => attempt.abort.abort(signal.reason), { once: true });
    return attempt.promise;
  }

  async disconnect(name: string): Promise<void> {
    this.attempts.get(name)?.abort.abort();
    const host = this.host(name);
    if (!this.entries.has(name)) return;
    this.put(name, { state: { kind: "disconnected" }, check: unchecked });
    await host?.dispose();
  }

  /** Asks anew what can be done on a connected host. */
  async check(name: string, signal?: AbortSignal): Promise<void> {
    const host = this.host(name);
    if (!host) throw new DomainError("host/not-connected", `${name} is not connected`, name);
    this.putCheck(name, host, { running: true });
    const [capabilities, debuginfo] = await Promise.allSettled([host.capabilities(signal), host.debuginfo(signal)]);
    const failure = [capabilities, debuginfo].find((result) => result.status === "rejected");
    this.putCheck(name, host, {
      running: false,
      ...(capabilities.status === "fulfilled" ? { capabilities: capabilities.value } : {}),
      ...(debuginfo.status === "fulfilled" ? { debuginfo: debuginfo.value } : {}),
      ...(failure ? { error: failure.reason } : {}),
    });
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.list().map((entry) => this.disconnect(entry.name)));
  }

  private begin(name: string, report?: (step: string) => void): { promise: Promise<Host>; abort: AbortController } {
    const abort = new AbortController();
    const attempt = { abort, promise: this.establish(name, abort.signal, report).finally(() => this.attempts.delete(name)) };
    this.attempts.set(name, attempt);
    return attempt;
  }

  private async establish(name: string, signal: AbortSignal, report?: (step: string) => void): Promise<Host> {
    const step = (text: string): void => {
      this.put(name, { state: { kind: "connecting", step: text }, check: unchecked });
      report?.(text);
    };
    step("connecting");
    let host: Host | undefined;
    try {
      host = await this.open(name, signal, step);
      const facts = await host.facts();
      signal.throwIfAborted();
      this.activeName = name;
      this.put(name, { state: { kind: "connected", host, facts }, check: unchecked });
      this.watch(name, host);
      return host;
    } catch (error) {
      await host?.dispose();
      this.put(name, { state: signal.aborted || isCancelled(error) ? { kind: "disconnected" } : { kind: "failed", error, lost: false }, check: unchecked });
      throw error;
    }
  }

  private watch(name: string, host: Host): void {
    host.target.closed.addEventListener("abort", () => {
      if (this.host(name) !== host) return;
      const error: unknown = host.target.closed.reason;
      this.put(name, { state: { kind: "failed", error, lost: true }, check: unchecked });
      this.lost.emit({ name, error });
      void host.dispose().catch(() => undefined);
    }, { once: true });
  }

  private putCheck(name: string, host: Host, check: HostCheck): void {
    const entry = this.entries.get(name);
    if (entry && this.host(name) === host) this.put(name, { state: entry.state, check });
  }

  private put(name: string, entry: Omit<HostEntry, "name">): void {
    this.entries.set(name, { name, ...entry });
    this.changed.emit();
  }
}
