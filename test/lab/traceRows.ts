import type { TraceRequest } from "../../src/collectors/traces/traceRequest";

/** Every tool, and each way in which one changes a target: a process, an instance with probes or tracepoints of its own, rules, a setting. */
export const traceRows: readonly TraceRequest[] = [
  { kind: "resets", tool: "bpftrace" },
  { kind: "resets", tool: "ftrace" },
  { kind: "drops", tool: "ftrace" },
  { kind: "conntrack-invalid", tool: "nft" },
  { kind: "conntrack-invalid", tool: "iptables" },
  { kind: "conntrack-invalid", tool: "sysctl" },
];
