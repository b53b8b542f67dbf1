import type { Disposable } from "./disposable";

export type Listener<T> = (value: T) => void;

/** A subscription point: `subscribe` returns the way out. Listeners are called in order of subscription. */
export class Emitter<T> {
  private readonly listeners = new Set<Listener<T>>();

  readonly subscribe = (listener: Listener<T>): Disposable => {
    const own: Listener<T> = (value) => listener(value);
    this.listeners.add(own);
    return { dispose: () => this.listeners.delete(own) };
  };

  emit(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
}
