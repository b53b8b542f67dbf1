import type { TraceRequest } from "../../src/collectors/traces/traceRequest";

/** perf needs a place for files when it starts; the others need none. */
export const perfRow: TraceRequest = { kind: "drops", tool: "perf" };

/**
 * Every tool but that of call graphs, of which a target has one at a time, and each way in which one changes a target: a process, an instance with probes or
 * tracepoints of its own, rules, a setting. For two clients, perf first.
 */
export const traceRows: readonly [readonly TraceRequest[], readonly TraceRequest[]] = [
  [perfRow, { kind: "resets", tool: "ftrace" }, { kind: "conntrack-invalid", tool: "iptables" }, { kind: "packet", tool: "nft", port: 9 }],
  [
    { kind: "resets", tool: "bpftrace" },
    { kind: "drops", tool: "ftrace" },
    { kind: "conntrack-invalid", tool: "nft" },
    { kind: "conntrack-invalid", tool: "sysctl" },
    // Where there are rules of ip_tables this is iptables-legacy, which writes into the kernel log.
    { kind: "packet", tool: "iptables", port: 9 },
  ],
];
