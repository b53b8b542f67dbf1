/**
 * What stands in the line above the stack of a dropped packet, as the tools print it. ftrace and perf: `kfree_skb: skbaddr=… protocol=2048 location=…
 * reason: NO_SOCKET` (include/trace/events/skb.h; the reason since 5.17). pwru, and whoever prints the enum: `SKB_DROP_REASON_NO_SOCKET`.
 */
export interface DropEventFacts {
  /** Name of enum skb_drop_reason without its prefix; undefined where the line has none. */
  readonly reason?: string;
}

/** undefined when the line is not of a drop. */
export function parseDropEventLine(line: string): DropEventFacts | undefined {
  const named = /\bSKB_DROP_REASON_(\w+)/.exec(line)?.[1];
  if (named !== undefined) return { reason: named };
  const event = /\bkfree_skb: skbaddr=\S+.*?(?:\breason: (?<reason>\w+)|$)/.exec(line)?.groups;
  if (!event) return undefined;
  const { reason } = event;
  return reason === undefined ? {} : { reason };
}
