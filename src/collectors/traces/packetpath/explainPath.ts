import type { Explanation } from "../../../knowledge/cause";
import { stepPlace, stepText, type PathEvent, type PathStep } from "./pathModel";

const passes = (verdict: string): boolean => /^(?:continue|return|accept|jump|goto)/.test(verdict);

/** The verdict of a packet's way in words. An accept ends one chain only: later hooks may still drop it. */
export function explainPath({ steps, packet }: PathEvent): Explanation<string> {
  const last = steps.at(-1);
  const nat = steps.find(({ rule }) => rule !== undefined && /\b(?:dnat|snat|masquerade|redirect)\b/i.test(rule));
  return {
    cause: { confidence: "certain", ...judge(steps, last, packet.deviceOut !== undefined && packet.deviceIn === undefined) },
    alternatives: [],
    evidence: nat ? [`Its address is changed by ${stepText(nat)}.`] : [],
  };
}

function judge(steps: readonly PathStep[], last: PathStep | undefined, leaves: boolean): { readonly id: string; readonly title: string; readonly detail: string; readonly expected?: boolean } {
  if (!last) {
    return {
      id: "path-no-rules", title: `No rule met ${leaves ? "on its way out" : "on its way in"}`, expected: true,
      detail: "The packet was seen, and no chain of this namespace met it after that: no rule here decides over it. Rules of iptables-legacy, tc and eBPF programs are not shown by this trace.",
    };
  }
  const place = stepPlace(last);
  if (last.verdict.startsWith("drop")) {
    const rejects = last.rule !== undefined && /\breject\b/i.test(last.rule);
    return {
      id: rejects ? "path-rejected" : "path-dropped", title: `${rejects ? "Rejected" : "Dropped"} in ${place}`,
      detail: `${stepText(last)} ${rejects ? "refused the packet and answered its sender" : "dropped the packet; its sender hears nothing"}.`,
    };
  }
  if (!passes(last.verdict)) return { id: "path-handed-over", title: `Handed over in ${place} (${last.verdict})`, detail: `${stepText(last)} gave the packet to a program (${last.verdict}), which decides on.` };
  return {
    id: "path-accepted", title: `Passed all ${steps.length === 1 ? "1 step" : `${steps.length} steps`}, last ${place}`,
    detail: `No rule dropped the packet: the last that it met was ${stepText(last)} (${last.verdict}). If it did not arrive, look at routing, the socket (knetscope trace drops), or what these rules cannot see: iptables-legacy, tc, eBPF.`,
  };
}
