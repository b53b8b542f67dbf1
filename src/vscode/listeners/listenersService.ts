import { Emitter } from "../../base/emitter";
import { describeError } from "../../base/errors";
import type { Finding } from "../../collectors/capability";
import type { ListenersSnapshot } from "../../collectors/socketModel";
import { adviceFor } from "../../session/advice";
import type { Host } from "../../session/host";
import { LatestOnly } from "../async/latestOnly";
import type { HostRegistry } from "../hosts/hostRegistry";
import { DropBaseline } from "./dropBaseline";

export interface HostListeners {
  readonly name: string;
  readonly snapshot?: ListenersSnapshot;
  /** Problems of the network stack, of the same look. */
  readonly problems: readonly Finding[];
  readonly baseline: DropBaseline;
  /** Why the last look failed. The snapshot before it is kept and shown with its age. */
  readonly error?: unknown;
  readonly refreshing: boolean;
}

interface Slot {
  readonly latest: LatestOnly;
  readonly baseline: DropBaseline;
  /** Identity of the connection the baseline belongs to. */
  readonly connection: unknown;
  snapshot?: ListenersSnapshot;
  problems: readonly Finding[];
  error?: unknown;
}

/** Looks at the listeners of every connected host; of several looks at one host only the latest counts. */
export class ListenersService {
  private readonly slots = new Map<string, Slot>();
  private readonly changed = new Emitter<void>();
  readonly onChange = this.changed.subscribe;

  constructor(private readonly hosts: HostRegistry) {}

  list(): readonly HostListeners[] {
    return this.hosts.connected().map(({ name }) => {
      const slot = this.slot(name);
      return {
        name,
        baseline: slot.baseline,
        problems: slot.problems,
        refreshing: slot.latest.running,
        ...(slot.snapshot ? { snapshot: slot.snapshot } : {}),
        ...(slot.error === undefined ? {} : { error: slot.error }),
      };
    });
  }

  /** Never rejects: failures are part of `list`. */
  async refreshAll(): Promise<void> {
    await Promise.all(this.hosts.connected().map((entry) => this.refresh(entry.name)));
  }

  async refresh(name: string): Promise<void> {
    const host = this.hosts.host(name);
    if (!host) return;
    const slot = this.slot(name);
    const looking = slot.latest.run(async (signal) => {
      // The first look shows its rows before the descriptors of all processes were read; later ones take the place of rows that have processes.
      if (!slot.snapshot) await this.glance(host, slot, signal);
      const snapshot = await host.listeners(signal);
      // Counters may be unreadable where listeners are not.
      return { snapshot, problems: await host.findings(signal).catch((error: unknown) => [notLooked(error)]) };
    });
    this.changed.emit();
    try {
      const looked = await looking;
      if (!looked) return;
      slot.baseline.observe(looked.snapshot.listeners);
      slot.snapshot = looked.snapshot;
      slot.problems = looked.problems;
      delete slot.error;
    } catch (error) {
      slot.error = error;
    } finally {
      this.changed.emit();
    }
  }

  private async glance(host: Host, slot: Slot, signal: AbortSignal): Promise<void> {
    const snapshot = await host.listeners(signal, { owners: false });
    signal.throwIfAborted();
    slot.snapshot = snapshot;
    this.changed.emit();
  }

  private slot(name: string): Slot {
    const connection = this.hosts.host(name);
    const existing = this.slots.get(name);
    if (existing && existing.connection === connection) return existing;
    existing?.latest.abort();
    const slot = { latest: new LatestOnly(), baseline: new DropBaseline(), problems: [], connection };
    this.slots.set(name, slot);
    return slot;
  }
}

/** No problem found is not the same as not looked. */
const notLooked = (error: unknown): Finding => ({
  id: "not-looked",
  severity: "info",
  title: "The network stack could not be looked at",
  detail: ["Counters and settings of this host could not be read, so what is wrong there is not known; listeners are not affected.", adviceFor(error)].filter((text) => text !== undefined).join(" "),
  evidence: [describeError(error)],
});
