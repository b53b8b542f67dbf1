import type { Candidate } from "./candidates";
import type { LookupPlan } from "./framePlan";
import { isAmbiguous, narrowed, neighbour, type StackPlace } from "./narrowByCalls";
import type { Located } from "./resolver";

/**
 * Functions of one name are file-local, so a direct call comes from their own compilation unit. That a call is direct cannot be seen where the
 * file keeps no code (separate debug files, modules); the unit of the caller, or of the function called, then decides, and it is said.
 */
export function narrowByUnits<T extends StackPlace>(stack: readonly T[], located: ReadonlyMap<Candidate, Located>): readonly T[] {
  if (!stack.some(({ plan }) => isAmbiguous(plan))) return stack;
  return stack.map((place, index) => {
    const { plan } = place;
    if (!isAmbiguous(plan) || plan.image.hasCode) return place;
    const neighbours = [neighbour(stack, index, 1), place.frame.kind === "return" ? neighbour(stack, index, -1) : undefined];
    for (const other of neighbours) {
      const unit = other && onlyUnit(other.plan, located);
      if (unit === undefined || other?.plan.image !== plan.image) continue;
      const name = other.plan.candidates[0]?.symbol.name ?? "its neighbour";
      const chosen = narrowed(plan, plan.candidates.filter((own) => unitOf(own, located) === unit), `as the one in the compilation unit of ${name}`);
      if (chosen?.candidates.length === 1) return { ...place, plan: chosen };
    }
    return place;
  });
}

function unitOf(candidate: Candidate, located: ReadonlyMap<Candidate, Located>): number | undefined {
  const found = located.get(candidate);
  return found && "location" in found ? found.location?.unit : undefined;
}

function onlyUnit({ candidates }: LookupPlan, located: ReadonlyMap<Candidate, Located>): number | undefined {
  const units = new Set(candidates.map((candidate) => unitOf(candidate, located)));
  return units.size === 1 ? [...units][0] : undefined;
}
