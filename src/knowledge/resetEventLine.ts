/**
 * What the kernel's own tracepoint says of a reset, as ftrace and perf print it above the stack: `tcp_send_reset: skbaddr=… skaddr=… src=… state=TCP_CLOSE
 * reason=TCP_ABORT_ON_CLOSE` (include/trace/events/tcp.h; the reason since 6.10, the socket may be absent since then).
 */
import type { ResetFacts } from "./resetFacts";

export type EventFacts = Pick<ResetFacts, "socket" | "reason" | "complete">;

/** The kernel's name → as `ss` writes it. */
const states: Readonly<Record<string, string>> = {
  TCP_ESTABLISHED: "ESTAB", TCP_SYN_SENT: "SYN-SENT", TCP_SYN_RECV: "SYN-RECV", TCP_FIN_WAIT1: "FIN-WAIT-1", TCP_FIN_WAIT2: "FIN-WAIT-2", TCP_TIME_WAIT: "TIME-WAIT",
  TCP_CLOSE: "UNCONN", TCP_CLOSE_WAIT: "CLOSE-WAIT", TCP_LAST_ACK: "LAST-ACK", TCP_LISTEN: "LISTEN", TCP_CLOSING: "CLOSING", TCP_NEW_SYN_RECV: "NEW-SYN-RECV",
};

/** undefined when the line is not that of the event. */
export function parseResetEventLine(line: string): EventFacts | undefined {
  const fields = /\btcp_send_reset: .*?skaddr=(?:0x)?(?<socket>[0-9a-f]+|\(nil\))\b.*?\bstate=(?<state>\w+)(?:.*?\breason=(?<reason>\w+))?/.exec(line)?.groups;
  if (!fields) return undefined;
  const state = states[fields["state"] ?? ""];
  const hasSocket = /[1-9a-f]/.test(fields["socket"] ?? "");
  return {
    // A socket whose state is not among the names is not the same as none.
    complete: !hasSocket || state !== undefined,
    ...(hasSocket && state !== undefined ? { socket: { state } } : {}),
    ...(fields["reason"] === undefined ? {} : { reason: fields["reason"] }),
  };
}
