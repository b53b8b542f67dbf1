import { setFlagsFromString } from "node:v8";

/**
 * How much of a function runs, in bytes of code, before V8 thinks about optimizing it. Most commands end before optimized code has
 * paid for the optimizing, which is the larger part of their work otherwise. Kept code (loadPart) holds for the budget that it was made with.
 */
export const interruptBudget = { /** Of a few frames. */ least: 10_000_000, usual: 1_000_000 } as const;

export function setInterruptBudget(bytes: number): void {
  // Later versions of V8 do not know the flag, and would say so on stderr.
  if (process.versions.v8.startsWith("11.")) setFlagsFromString(`--interrupt-budget=${bytes}`);
}
