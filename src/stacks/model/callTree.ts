import { frameName, type WeightedFrame, type WeightedStack } from "./weightedStack";
import type { FrameKey } from "./foldStacks";

/** A function in the place where all that is above it called it; its children are what it called. */
export interface CallNode {
  readonly key: string;
  readonly frame: WeightedFrame;
  /** Of all stacks that pass here. */
  readonly total: number;
  /** Of those that end here. */
  readonly self: number;
  /** Greatest first; equal ones by name, so that a picture of the same data is the same picture. */
  readonly children: readonly CallNode[];
}

export interface CallTree {
  readonly total: number;
  readonly roots: readonly CallNode[];
}

interface Growing {
  readonly key: string;
  readonly frame: WeightedFrame;
  total: number;
  self: number;
  readonly children: Map<string, Growing>;
}

/** Grows a tree stack by stack, for those who must pause in between. */
export class CallTreeBuilder {
  private readonly root: Growing = { key: "", frame: { name: "" }, total: 0, self: 0, children: new Map() };

  /** @param key what makes two frames the same node; by default the function */
  constructor(private readonly key: FrameKey = frameName) {}

  add({ frames, count }: WeightedStack): void {
    let node = this.root;
    node.total += count;
    for (const frame of frames) {
      node = childOf(node, frame, this.key(frame));
      node.total += count;
    }
    if (node !== this.root) node.self += count;
  }

  finish(): CallTree {
    return { total: this.root.total, roots: settle(this.root.children) };
  }
}

export function callTree(stacks: Iterable<WeightedStack>, key: FrameKey = frameName): CallTree {
  const builder = new CallTreeBuilder(key);
  for (const stack of stacks) builder.add(stack);
  return builder.finish();
}

function childOf(node: Growing, frame: WeightedFrame, key: string): Growing {
  const known = node.children.get(key);
  if (known) return known;
  const made = { key, frame, total: 0, self: 0, children: new Map<string, Growing>() };
  node.children.set(key, made);
  return made;
}

const settle = (children: ReadonlyMap<string, Growing>): readonly CallNode[] =>
  [...children.values()].map((node) => ({ ...node, children: settle(node.children) })).sort(byWeight);

/** Greatest first, equal ones by name. */
export const byWeight = (a: { readonly total: number; readonly key: string }, b: { readonly total: number; readonly key: string }): number => b.total - a.total || (a.key < b.key ? -1 : 1);
