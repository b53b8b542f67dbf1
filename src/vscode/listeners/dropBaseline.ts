import { listenerKey } from "../../collectors/listenerKey";
import type { Listener } from "../../collectors/socketModel";

/**
 * Drops since the connection. The kernel counts from the listener's birth; the first look at a host is the
 * zero line, and a listener born after it counts from its own birth.
 */
export class DropBaseline {
  private readonly first = new Map<string, number>();
  /** Listeners that were there before their counter could be read. */
  private readonly unread = new Set<string>();
  private started = false;

  observe(listeners: readonly Listener[]): void {
    for (const listener of listeners) {
      const key = listenerKey(listener);
      if (listener.drops === undefined) this.unread.add(key);
      else if (!this.first.has(key)) this.first.set(key, this.started && !this.unread.has(key) ? 0 : listener.drops);
    }
    this.started = true;
  }

  /** undefined when the kernel did not tell. */
  since(listener: Listener): number | undefined {
    const from = this.first.get(listenerKey(listener));
    if (listener.drops === undefined || from === undefined) return undefined;
    // The counter is an unsigned 32-bit value and may wrap.
    return (listener.drops - from) >>> 0;
  }
}
