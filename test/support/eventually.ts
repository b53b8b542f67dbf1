import { setTimeout as sleep } from "node:timers/promises";

/** Runs a check again and again until it no longer throws, and gives its value; throws its last error after `limit` ms. */
export async function eventually<T>(check: () => T | Promise<T>, limit = 15_000): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(100);
  }
}
