/**
 * Resets that Multipath TCP decides (net/mptcp/subflow.c, protocol.c). Its functions are in the call chain; since 6.12 the kernel also says which of the reasons
 * of the MP_TCPRST option (RFC 8684, section 3.6) it was.
 */
import { certain, type ResetRule } from "./resetVerdict";

/** enum sk_rst_reason, from MP_TCPRST. */
const reasons: Readonly<Record<string, string>> = {
  MPTCP_RST_EUNSPEC: "without a reason of its own", MPTCP_RST_EMPTCP: "an error in its protocol: a bad option, token or checksum", MPTCP_RST_ERESOURCE: "no more subflows are allowed, or no memory",
  MPTCP_RST_EPROHIBIT: "policy forbids this subflow", MPTCP_RST_EWQ2BIG: "too much data waits on this subflow", MPTCP_RST_EBADPERF: "the subflow performs badly", MPTCP_RST_EMIDDLEBOX: "a middlebox interferes",
};

/** Functions that tell what was going on, most telling first. */
const places: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^mptcp_do_fastclose$|^mptcp_check_fastclose$/, "The whole connection was closed at once (MP_FASTCLOSE)."],
  [/^subflow_v[46]_route_req$|^subflow_check_req$/, "A SYN that should join a connection (MP_JOIN) was refused."],
  [/^subflow_syn_recv_sock$/, "The last ACK of a subflow's handshake was refused."],
  [/^subflow_finish_connect$|^subflow_sk_state_change$/, "The answer to our own subflow's SYN was not acceptable."],
  [/^mptcp_subflow_reset$|^subflow_check_data_avail$|^get_mapping_status$/, "A subflow was broken off."],
  [/^__?mptcp_close_ssk$|^mptcp_close_ssk$|^mptcp_pm_\w+$/, "A subflow was closed with its connection, or by the path manager."],
];

export const multipathRule: ResetRule = ({ chain, facts: { reason } }) => {
  const ownReason = reason?.startsWith("MPTCP_") ? reason : undefined;
  const call = chain.calls.find(({ function: name }) => /^_*(?:mptcp|subflow)_/.test(name));
  if (ownReason === undefined && !call) return undefined;
  const what = places.find(([pattern]) => chain.hasMatching(pattern))?.[1];
  return certain("mptcp",
    ...(what === undefined ? [] : [what]),
    ...(call ? [`${call.function} is in the call chain.`] : []),
    ...(ownReason === undefined ? [] : [`The kernel's own reason is ${ownReason}${reasons[ownReason] === undefined ? "" : `: ${reasons[ownReason]}`}.`]));
};
