/**
 * From one reset to its cause in words. Rules match names of functions, inlined ones included, and words of the source beside a line;
 * never offsets or line numbers, which differ with every build.
 */
import { activeResetRules } from "./activeResetRules";
import { CallChain } from "./callChain";
import type { Explanation } from "./cause";
import { passiveResetRules } from "./passiveResetRules";
import { resetCauses } from "./resetCauses";
import type { ChainFrame, ResetFacts, SourceText } from "./resetFacts";
import { certain, guess, type ResetCase, type ResetRule, type Verdict } from "./resetVerdict";

/**
 * @param stack      the reset's stack, resolved as far as it could be; `ResolvedFrame`s fit
 * @param sourceText lines of the kernel's own source, for the places that a call chain alone cannot tell apart
 */
export function explainReset(facts: ResetFacts, stack: readonly ChainFrame[], sourceText?: SourceText): Explanation {
  const reset: ResetCase = { facts, chain: CallChain.of(stack), text: sourceText };
  const verdict = judge(reset);
  const { title, detail, citation } = resetCauses[verdict.id];
  return {
    cause: { id: verdict.id, title, detail: [detail, ...circumstances(reset, verdict)].join(" "), confidence: verdict.confidence },
    alternatives: verdict.alternatives,
    evidence: [...verdict.evidence, ...reasonEvidence(facts, verdict)],
    ...(citation === undefined ? {} : { citation }),
  };
}

/** Whether the process on the CPU did it, or was only interrupted by the packet or timer that did. */
export const isDoingOfProcess = (stack: readonly ChainFrame[]): boolean => CallChain.of(stack).isOwnDoing;

function judge(reset: ResetCase): Verdict {
  for (const rule of rulesFor(reset)) {
    const verdict = rule(reset);
    if (verdict) return verdict;
  }
  const caller = reset.chain.caller;
  return guess("unknown", [], caller === undefined ? "The stack does not show who called." : `No rule knows a reset sent from ${caller}.`);
}

function rulesFor({ facts, chain }: ResetCase): readonly ResetRule[] {
  if (chain.sender === "nf_send_reset" || chain.sender === "nf_send_reset6") return [() => certain("netfilter-reject", "nf_send_reset built the packet.")];
  if (chain.sender === "tcp_reset") return [() => certain("received", "tcp_reset handles a reset that came in.")];
  return [multipath, ...(facts.kind === "passive" ? passiveResetRules : activeResetRules)];
}

const multipath: ResetRule = ({ chain, facts }) => {
  if (facts.reason?.startsWith("MPTCP_")) return certain("mptcp", `The kernel's own reason is ${facts.reason}.`);
  const call = chain.calls.find(({ function: name }) => /^_*(?:mptcp|subflow)_/.test(name));
  return call ? certain("mptcp", `${call.function} is in the call chain.`) : undefined;
};

/** What else the chain says about who did it. */
function circumstances({ chain, facts }: ResetCase, { id }: Verdict): readonly string[] {
  const name = facts.process?.isOwner === true ? ` (${facts.process.name}[${facts.process.pid}])` : "";
  if (chain.isKilled) return [`The process was ended by a signal${name}; the kernel closed its sockets.`];
  if (chain.isExiting) return [`The process was exiting${name}; the kernel closed its sockets.`];
  if (id === "destroyed" && name !== "") return [`It was asked for by${name.replace(/[()]/g, "")}.`];
  if (chain.has("__release_sock") && facts.kind === "passive") return ["The packet had waited for the process to leave the socket, so the process named is the socket's own."];
  return [];
}

const reasonEvidence = ({ reason }: ResetFacts, { evidence }: Verdict): readonly string[] =>
  reason === undefined || evidence.some((fact) => fact.includes(reason)) ? [] : [`The kernel's own reason is ${reason}.`];
