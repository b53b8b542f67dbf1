import type { StackFrame } from "../stacks/stack";
import { callBefore, longestCall, type CallBefore } from "./callBefore";
import type { Candidate } from "./candidates";
import type { FramePlan, LookupPlan } from "./framePlan";
import type { Image } from "./image";

/**
 * Several functions may have one name: file-local ones, and copies that the compiler made. In a stack the neighbours tell which is meant: a
 * function was called by the instruction before its caller's return address, and itself calls the frame above it.
 */
export interface StackPlace {
  readonly frame: StackFrame;
  readonly plan: FramePlan;
}

/** The plans, with fewer candidates where the code of a neighbour rules some out. Nothing is read unless a frame is ambiguous. */
export async function narrowByCalls<T extends StackPlace>(stack: readonly T[]): Promise<T[]> {
  const places = [...stack];
  for (const [index, place] of places.entries()) {
    if (!isAmbiguous(place.plan)) continue;
    const above = index > 0 && place.frame.kind === "return" ? neighbour(places, index, -1) : undefined;
    const below = neighbour(places, index, 1);
    const plan = (await byCaller(place.plan, below)) ?? (await byCallee(place.plan, above)) ?? place.plan;
    places[index] = { ...place, plan };
  }
  return places;
}

export const isAmbiguous = (plan: FramePlan): plan is LookupPlan => "image" in plan && plan.candidates.length > 1;

/** The next frame that is one of the machine's, and believed; a caller must be there by a call. */
export function neighbour<T extends StackPlace>(places: readonly T[], index: number, step: 1 | -1): (T & { readonly plan: LookupPlan }) | undefined {
  let at = index + step;
  while (places[at]?.frame.kind === "inlined") at += step;
  const place = places[at];
  if (!place?.frame.reliable || !("image" in place.plan) || (step === 1 && place.frame.kind !== "return")) return undefined;
  return place as T & { readonly plan: LookupPlan };
}

/** The caller's call names its target. */
async function byCaller(plan: LookupPlan, caller: { readonly plan: LookupPlan } | undefined): Promise<LookupPlan | undefined> {
  if (!caller || caller.plan.image !== plan.image) return undefined;
  const calls = await Promise.all(caller.plan.candidates.map((candidate) => callOf(caller.plan.image, candidate.pc)));
  const called = plan.candidates.filter((own) => calls.some((call) => call?.kind === "direct" && isStart(own, call.target)));
  return narrowed(plan, called, `by the call in ${caller.plan.candidates[0]?.symbol.name ?? "its caller"}`);
}

/** Before its own return address each candidate has a call, or cannot be the one; a direct one must be of the frame above. */
async function byCallee(plan: LookupPlan, callee: { readonly plan: LookupPlan } | undefined): Promise<LookupPlan | undefined> {
  if (plan.lookup !== "caller") return undefined;
  const calls = await Promise.all(plan.candidates.map((candidate) => callOf(plan.image, candidate.pc)));
  const starts = callee?.plan.image === plan.image ? callee.plan.candidates : [];
  const calling = plan.candidates.filter((_, index) => {
    const call = calls[index];
    return call?.kind === "direct" && starts.some((own) => isStart(own, call.target));
  });
  const name = callee?.plan.candidates[0]?.symbol.name ?? "";
  return narrowed(plan, calling, `by its call of ${name}`) ?? narrowed(plan, plan.candidates.filter((_, index) => calls[index]?.kind !== "none"), "as only there a call ends at this address");
}

export function narrowed(plan: LookupPlan, candidates: readonly Candidate[], how: string): LookupPlan | undefined {
  if (candidates.length === 0 || candidates.length === plan.candidates.length) return undefined;
  const name = plan.candidates[0]?.symbol.name ?? "";
  const message = [plan.message, `Of ${plan.candidates.length} functions named ${name} ${candidates.length === 1 ? "this one" : `these ${candidates.length}`} is chosen ${how}.`].filter((text) => text !== undefined).join(" ");
  return { ...plan, candidates, message: candidates.length === 1 ? message : message.replace(" is chosen", " are left") };
}

/** The call that ends at a pc. */
export async function callOf(image: Image, pc: number): Promise<CallBefore | undefined> {
  const bytes = await image.code(pc - longestCall, longestCall);
  return bytes && callBefore(bytes, pc, image.elf.header.machine);
}

/** Calls may pass over the ENDBR64 or BTI at a function's start. */
const isStart = ({ symbol }: Candidate, target: number): boolean => target === symbol.pc || target === symbol.pc + 4;
