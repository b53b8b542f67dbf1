import type { CallChain } from "./callChain";
import type { Confidence, ResetCauseId } from "./cause";
import type { ResetFacts, SourceText } from "./resetFacts";

/** All that a rule may look at. */
export interface ResetCase {
  readonly facts: ResetFacts;
  readonly chain: CallChain;
  readonly text: SourceText | undefined;
}

export interface Verdict {
  readonly id: ResetCauseId;
  readonly confidence: Confidence;
  /** Causes that are not excluded, likeliest first. */
  readonly alternatives: readonly ResetCauseId[];
  readonly evidence: readonly string[];
}

/** A rule knows one place of the kernel; it has no opinion on others. */
export type ResetRule = (reset: ResetCase) => Verdict | undefined;

export const certain = (id: ResetCauseId, ...evidence: readonly string[]): Verdict => ({ id, confidence: "certain", alternatives: [], evidence });

export const likely = (id: ResetCauseId, alternatives: readonly ResetCauseId[], ...evidence: readonly string[]): Verdict => ({ id, confidence: "likely", alternatives, evidence });

export const guess = (id: ResetCauseId, alternatives: readonly ResetCauseId[], ...evidence: readonly string[]): Verdict => ({ id, confidence: "low", alternatives, evidence });
