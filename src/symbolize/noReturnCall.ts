import type { StackFrame } from "../stacks/stack";
import { candidateAt } from "./candidates";
import type { LookupPlan } from "./framePlan";
import { callOf } from "./narrowByCalls";

/**
 * A function whose last instruction calls one that never returns (panic, do_exit) has its return address at the start of the next function. x86 names such
 * a frame by the byte before (lib/kallsyms.c, sprint_backtrace); arm64 and riscv name the next function, at offset 0 (sprint_symbol). Only a direct call
 * that ends there is believed: trampolines and pointers that lie on the stack also stand at offset 0.
 */
export async function noReturnCall(frame: StackFrame, plan: LookupPlan): Promise<LookupPlan | undefined> {
  const [named, ...others] = plan.candidates;
  if (frame.kind !== "return" || !frame.reliable || frame.offset !== 0 || named === undefined || others.length > 0) return undefined;
  const { image } = plan;
  if ((await callOf(image, named.pc))?.kind !== "direct") return undefined;
  const calling = candidateAt(await image.symbols(), image.layout, named.pc, "caller");
  if (!calling || calling.symbol.pc === named.symbol.pc) return undefined;
  const { symbol } = calling;
  const message = [plan.message, `${symbol.name} ends with a call that does not return, so the address after it is printed as the start of ${named.symbol.name}.`];
  return { ...plan, candidates: [calling], lookup: "caller", message: message.filter((text) => text !== undefined).join(" ") };
}
