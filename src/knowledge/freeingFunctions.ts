/** Functions that free a packet as dropped, and the tracing code that they call: they say nothing of why. Linux 4.19 to 6.18. */
const freeing = /^(?:sk_skb_reason_drop|kfree_skb(?:_\w+)?|__kfree_skb\w*|skb_release_\w+|trace_\w+|__traceiter_\w+|perf_trace_\w+)$/;

export const isFreeing = (symbol: string): boolean => freeing.test(symbol);

/** The tracepoint of a drop is hit in these alone: a stack that begins with one of them is of a dropped packet. */
export const isDropping = (symbol: string): boolean => /^(?:sk_skb_reason_drop|kfree_skb(?:_reason|_list_reason|_partial)?|(?:trace_event_raw_event|__traceiter|perf_trace)_kfree_skb)$/.test(symbol);
