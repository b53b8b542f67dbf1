/**
 * Resets that this side sends of its own accord: tcp_send_active_reset. Its caller names the decision, but for __tcp_close, which has three calls:
 * for unread data, for a negative TCP_LINGER2, and for lack of resources. What is known of the socket, the kernel's own reason, or the words beside the
 * source line decide there. Read in net/ipv4/tcp.c and net/ipv4/tcp_timer.c of Linux 6.1 and 6.12.
 */
import type { ResetCauseId } from "./cause";
import { certain, guess, likely, type ResetCase, type ResetRule, type Verdict } from "./resetVerdict";
import { nearestMarker } from "./sourceContext";

type CloseCause = Extract<ResetCauseId, "close-with-unread-data" | "linger2-negative" | "out-of-resources">;

const closeMarkers: Readonly<Record<string, CloseCause>> = {
  TCPABORTONCLOSE: "close-with-unread-data", TCP_ABORT_ON_CLOSE: "close-with-unread-data",
  TCPABORTONLINGER: "linger2-negative", TCP_ABORT_ON_LINGER: "linger2-negative",
  TCPABORTONMEMORY: "out-of-resources", TCP_ABORT_ON_MEMORY: "out-of-resources",
};
const closeCauses: readonly CloseCause[] = ["close-with-unread-data", "linger2-negative", "out-of-resources"];

const disconnect: ResetRule = ({ chain }) => {
  if (!chain.has("tcp_disconnect")) return undefined;
  if (chain.has("inet_csk_listen_stop", "inet_child_forget", "inet_csk_reqsk_queue_add")) {
    return certain("listener-closed", "The connection waited in the accept queue of a listener that went away.");
  }
  if (chain.has("__tcp_close")) return certain("linger-zero", "Closing the socket disconnected it at once: SO_LINGER was set with zero time.");
  if (chain.hasMatching(/^(?:__)?(?:inet_stream|tcp_v[46])_connect$|^__sys_connect/)) return certain("disconnected", "connect() with AF_UNSPEC dissolved the connection.");
  return likely("disconnected", [], `The socket was disconnected by ${chain.calls.find((call) => call.function !== "tcp_disconnect")?.function ?? "an unknown caller"}.`);
};

const abort: ResetRule = ({ chain }) =>
  chain.has("tcp_abort") || chain.has("inet_diag_cmd_exact", "tcp_diag_destroy", "bpf_sock_destroy") ? certain("destroyed", `${chain.has("bpf_sock_destroy") ? "A BPF program" : "A request"} destroyed the socket.`) : undefined;

const timer: ResetRule = (reset) => {
  const { chain } = reset;
  if (chain.has("tcp_out_of_resources", "tcp_check_oom") && !chain.has("__tcp_close")) return certain("out-of-resources", "A timer of the connection found too many orphans or too little memory.");
  if (chain.has("tcp_keepalive_timer")) return keepalive(reset);
  if (chain.has("tcp_write_timeout", "tcp_probe_timer", "tcp_retransmit_timer", "tcp_write_timer_handler", "tcp_write_timer")) {
    return likely("out-of-resources", [], "The retransmit or probe timer ended an orphan; it resets only when resources are short.");
  }
  return undefined;
};

const keepaliveMarkers: Readonly<Record<string, "fin-wait-timeout" | "keepalive-timeout">> = {
  TCP_FIN_WAIT2: "fin-wait-timeout", "goto death": "fin-wait-timeout", keepalive_probes: "keepalive-timeout", tcp_write_err: "keepalive-timeout",
};

/** One timer for two ends: of an idle connection, and of one that waits for the peer's FIN. */
function keepalive({ chain, facts, text }: ResetCase): Verdict {
  const state = facts.socket?.state;
  if (facts.reason === "TCP_KEEPALIVE_TIMEOUT") return certain("keepalive-timeout", "The kernel's own reason is TCP_KEEPALIVE_TIMEOUT.");
  if (state !== undefined) return certain(state === "FIN-WAIT-2" ? "fin-wait-timeout" : "keepalive-timeout", `The keepalive timer ended a connection in ${state}.`);
  const found = nearestMarker(chain.find("tcp_keepalive_timer")?.source, text, keepaliveMarkers);
  if (found) return likely(found, [], "The source beside the call speaks of it.");
  return guess("keepalive-timeout", ["fin-wait-timeout"], "The keepalive timer ended the connection; its state is not known.");
}

/** The three calls in __tcp_close. Independent findings must agree to be certain. */
const close: ResetRule = (reset) => {
  const call = reset.chain.find("__tcp_close", "tcp_close");
  if (!call) return undefined;
  const { reason } = reset.facts;
  const named = reason === undefined ? undefined : closeMarkers[reason];
  const written = nearestMarker(call.source, reset.text, closeMarkers);
  const deduced = bySocket(reset);
  const evidence = [
    ...(named === undefined ? [] : [`The kernel's own reason is ${reason ?? ""}.`]),
    ...(written === undefined ? [] : [`The source beside the call speaks of it (${call.source?.file ?? ""}:${call.source?.line ?? 0}).`]),
    ...(deduced === undefined ? [] : deduced.evidence),
  ];
  return combine([named, deduced?.id, written], evidence);
};

/** sock_orphan comes after the check for unread data and before the other two. */
function bySocket({ facts }: ResetCase): { readonly id: CloseCause; readonly evidence: readonly string[] } | undefined {
  const { socket } = facts;
  if (socket?.hasOwner === undefined) return undefined;
  if (socket.hasOwner) return { id: "close-with-unread-data", evidence: ["The socket still belonged to its process: only unread data resets that early in close()."] };
  if (socket.linger2 === undefined) return undefined;
  return socket.linger2 < 0
    ? { id: "linger2-negative", evidence: ["The process had let go of the socket, and its TCP_LINGER2 is negative."] }
    : { id: "out-of-resources", evidence: ["The process had let go of the socket, and its TCP_LINGER2 is not negative: lack of resources is what is left."] };
}

/** @param findings best first */
function combine(findings: readonly (CloseCause | undefined)[], evidence: readonly string[]): Verdict {
  const known = findings.filter((id) => id !== undefined);
  const [best] = known;
  if (best === undefined) return guess("close-with-unread-data", ["linger2-negative", "out-of-resources"], "close() resets for three reasons, and nothing here tells which.");
  const disagreeing = closeCauses.filter((id) => id !== best && known.includes(id));
  return disagreeing.length === 0 ? certain(best, ...evidence) : guess(best, disagreeing, ...evidence);
}

const shutdownOfListener: ResetRule = ({ chain }) => (chain.has("inet_csk_listen_stop", "inet_child_forget") ? certain("listener-closed", "The listener was stopped.") : undefined);

export const activeResetRules: readonly ResetRule[] = [disconnect, abort, timer, shutdownOfListener, close];
