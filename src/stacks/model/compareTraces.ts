/**
 * Two traces side by side. Counts alone mislead when one trace ran longer, so both are also given as rates: events a second where the time is
 * known, else shares of their trace. What is drawn is the difference of the rates.
 */
import { byWeight, callTree, type CallNode } from "./callTree";
import type { FrameKey } from "./foldStacks";
import { frameName, type WeightedFrame, type WeightedStack } from "./weightedStack";

export interface ComparedTrace {
  readonly stacks: readonly WeightedStack[];
  /** Seconds it ran. */
  readonly seconds?: number;
}

export type RateUnit = "per second" | "share";

export interface ComparedNode {
  readonly key: string;
  readonly frame: WeightedFrame;
  readonly before: number;
  readonly after: number;
  readonly rateBefore: number;
  readonly rateAfter: number;
  /** rateAfter − rateBefore, above zero: more of it. */
  readonly change: number;
  /** before + after: how wide it is drawn. */
  readonly total: number;
  readonly children: readonly ComparedNode[];
}

export interface TraceComparison {
  readonly unit: RateUnit;
  readonly before: number;
  readonly after: number;
  readonly total: number;
  readonly roots: readonly ComparedNode[];
}

export function compareTraces(before: ComparedTrace, after: ComparedTrace, key: FrameKey = frameName): TraceComparison {
  const [old, young] = [callTree(before.stacks, key), callTree(after.stacks, key)];
  const timed = (before.seconds ?? 0) > 0 && (after.seconds ?? 0) > 0;
  const scale = (trace: ComparedTrace, total: number): number => (timed ? (trace.seconds ?? 1) : Math.max(total, 1));
  const scales = { before: scale(before, old.total), after: scale(after, young.total) };
  return { unit: timed ? "per second" : "share", before: old.total, after: young.total, total: old.total + young.total, roots: join(old.roots, young.roots, scales) };
}

interface Scales {
  readonly before: number;
  readonly after: number;
}

function join(before: readonly CallNode[], after: readonly CallNode[], scales: Scales): readonly ComparedNode[] {
  const old = new Map(before.map((node) => [node.key, node]));
  const young = new Map(after.map((node) => [node.key, node]));
  const keys = new Set([...old.keys(), ...young.keys()]);
  return [...keys].flatMap((key) => compareNode(old.get(key), young.get(key), scales) ?? []).sort(byWeight);
}

function compareNode(old: CallNode | undefined, young: CallNode | undefined, scales: Scales): ComparedNode | undefined {
  const shown = young ?? old;
  if (!shown) return undefined;
  const [before, after] = [old?.total ?? 0, young?.total ?? 0];
  const [rateBefore, rateAfter] = [before / scales.before, after / scales.after];
  return { key: shown.key, frame: shown.frame, before, after, rateBefore, rateAfter, change: rateAfter - rateBefore, total: before + after, children: join(old?.children ?? [], young?.children ?? [], scales) };
}
