import type { TraceFilter } from "../../bpftrace/traceFilter";
import type { GraphLimits } from "./callgraph/graphModel";
import type { PathFilter } from "./packetpath/pathModel";

export const traceTools = ["bpftrace", "ftrace", "perf", "nft", "iptables", "sysctl"] as const;
/** Programs on the target that collect: best first. */
export type TraceTool = (typeof traceTools)[number];

export interface TraceOptions extends TraceFilter {
  /** Ends by itself after this time. Milliseconds. */
  readonly durationMs?: number;
  /** This one and no other. Default: the best one that works there. */
  readonly tool?: TraceTool;
}

export type TraceRequest =
  | (TraceOptions & {
      readonly kind: "resets";
      /** Also resets that this host receives. */
      readonly received?: boolean;
      /** Also resets that leave this host past TCP: forwarded for others, or built by a program with a raw socket. Each packet that leaves is looked at. */
      readonly passing?: boolean;
    })
  | (TraceOptions & { readonly kind: "drops" })
  | (TraceOptions & { readonly kind: "conntrack-invalid" })
  | (TraceOptions & {
      readonly kind: "function";
      /** A function of the kernel, or a tracepoint as `system:event`. */
      readonly name: string;
    })
  | (TraceOptions & PathFilter & { readonly kind: "packet" })
  | (TraceOptions & GraphLimits & {
      readonly kind: "callgraph";
      /** A function of the kernel. */
      readonly name: string;
    });

export type TraceKind = TraceRequest["kind"];

export const traceKinds = ["resets", "drops", "function", "callgraph", "packet", "conntrack-invalid"] as const satisfies readonly TraceKind[];
