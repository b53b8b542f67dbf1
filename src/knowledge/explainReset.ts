/**
 * From one reset to its cause in words. Rules match names of functions, inlined ones included, and words of the source beside a line;
 * never offsets or line numbers, which differ with every build.
 */
import { activeResetRules } from "./activeResetRules";
import { CallChain } from "./callChain";
import type { Explanation } from "./cause";
import { multipathRule } from "./multipathRule";
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
  if (chain.sender === "tcp_reset") return [received];
  switch (facts.kind) {
    case "received": return [received];
    case "forwarded": return [() => certain("forwarded", "The packet came in by one device and went out by another; nothing here made it.")];
    case "raw": return [() => certain("raw-socket", "The packet left through a raw socket that a program holds open.")];
    case "passive": return [multipathRule, ...passiveResetRules];
    case "active": return [multipathRule, ...activeResetRules];
  }
}

/** What the application gets of it (tcp_reset). */
const errors: Readonly<Record<string, string>> = { "SYN-SENT": "ECONNREFUSED: the connection was being opened", "CLOSE-WAIT": "EPIPE: the peer had closed before" };

const received: ResetRule = ({ facts: { socket } }) =>
  certain("received", "tcp_reset handles a reset that came in.", ...(socket ? [`The socket's state was ${socket.state}; its application gets ${errors[socket.state] ?? "ECONNRESET"}.`] : []));

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
