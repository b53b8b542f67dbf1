import type { ResetFunction } from "../../bpftrace/resetProgram";
import type { ResetKind } from "../../knowledge/resetFacts";

const kinds: Readonly<Record<ResetFunction, ResetKind>> = {
  tcp_v4_send_reset: "passive", tcp_v6_send_reset: "passive", nf_send_reset: "passive", nf_send_reset6: "passive",
  tcp_send_active_reset: "active", tcp_reset: "received",
  ip_forward: "forwarded", ip6_forward: "forwarded", ip_output: "raw", ip6_output: "raw",
};

export const kindOf = (name: ResetFunction): ResetKind => kinds[name];
