import { setFlagsFromString } from "node:v8";

/** Later versions of V8 do not know the flag, and would say so on stderr. */
const hasBudget = process.versions.v8.startsWith("11.");

/** Most commands end before code that was optimized for them has paid for the optimizing, which is the larger part of their work otherwise. Kept code (loadPart) holds for the flags that it was made with. */
export function expectLittleWork(): void {
  if (hasBudget) setFlagsFromString("--interrupt-budget=10000000");
}

/** From now on what runs often is optimized soon. */
export function expectMuchWork(): void {
  if (hasBudget) setFlagsFromString("--interrupt-budget=1000000");
}
