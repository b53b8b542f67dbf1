import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { resetCauseIds, type ResetCauseId } from "../../src/knowledge/cause";
import { explainReset, isDoingOfProcess } from "../../src/knowledge/explainReset";
import { explainStack } from "../../src/knowledge/explainStack";
import { resetCauses } from "../../src/knowledge/resetCauses";
import type { ChainFrame, ResetFacts, SourceText } from "../../src/knowledge/resetFacts";

interface Recorded {
  readonly scenario: string;
  readonly cause: ResetCauseId;
  readonly event: ResetFacts;
  readonly stack: readonly string[];
}

const recorded = (kernel: string): readonly Recorded[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/resets/${kernel}.json`), "utf8")) as readonly Recorded[];

/** `a < b < c`, innermost first; `a@file:line` has a resolved place, `a~b` inlined calls at one address. */
function frames(text: string): readonly ChainFrame[] {
  return text.split(" < ").map((frame) => {
    const calls = frame.split("~").map((call, index, all) => {
      const [name = "", file, line] = call.split(/[@:]/);
      return { function: name, inlined: index < all.length - 1, ...(file === undefined ? {} : { source: { file, line: Number(line) } }) };
    });
    const outer = calls.at(-1)?.function;
    return { ...(outer === undefined ? {} : { symbol: outer }), frames: frame.includes("@") || frame.includes("~") ? calls : [] };
  });
}

function check(name: string, facts: ResetFacts, stack: string, expected: string, text?: SourceText): void {
  it(name, () => {
    const { cause, alternatives } = explainReset(facts, frames(stack), text);
    assert.equal([`${cause.id} ${cause.confidence}`, ...alternatives].join(" | "), expected);
  });
}

const active: ResetFacts = { kind: "active" };
const softirq = "ip_protocol_deliver_rcu < net_rx_action < handle_softirqs < do_softirq.part.0 < __local_bh_enable_ip";

/** __tcp_close of 6.1, shortened: the line of each call and the counter beside it. */
const close: SourceText = (file, line) =>
  file !== "net/ipv4/tcp.c" ? undefined : { 2956: "NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONCLOSE);", 2962: "NET_INC_STATS(sock_net(sk), LINUX_MIB_TCPABORTONDATA);", 3031: "LINUX_MIB_TCPABORTONLINGER);", 3051: "LINUX_MIB_TCPABORTONMEMORY);" }[line] ?? "";

describe("explainReset", () => {
  for (const kernel of ["6.1", "6.12"]) {
    describe(`recorded on ${kernel}, without debuginfo`, () => {
      for (const { scenario, cause, event, stack } of recorded(kernel)) {
        it(`${scenario}: ${cause}`, () => {
          const answer = explainReset(event, stack.map((frame) => ({ symbol: frame.split("+")[0] ?? "", frames: [] })));
          assert.equal(answer.cause.id, cause);
          assert.notEqual(answer.cause.confidence, "low");
          assert.ok(answer.evidence.length > 0);
        });
      }
    });
  }

  describe("the three resets of __tcp_close", () => {
    const at = (line: number): string => `tcp_send_active_reset < __tcp_close@net/ipv4/tcp.c:${line} < tcp_close < __x64_sys_close`;
    check("by the source: unread", active, at(2958), "close-with-unread-data certain", close);
    check("by the source: linger2", active, at(3029), "linger2-negative certain", close);
    check("by the source: memory", active, at(3049), "out-of-resources certain", close);
    check("by the kernel's reason", { kind: "active", reason: "TCP_ABORT_ON_MEMORY" }, "tcp_send_active_reset < __tcp_close", "out-of-resources certain");
    check("by the socket", { kind: "active", socket: { state: "UNCONN", hasOwner: false, linger2: -1 } }, "tcp_send_active_reset < __tcp_close", "linger2-negative certain");
    check("by nothing", active, "tcp_send_active_reset < __tcp_close", "close-with-unread-data low | linger2-negative | out-of-resources");
    check("by findings that disagree", { kind: "active", socket: { state: "UNCONN", hasOwner: true, linger2: 0 } }, at(3049), "close-with-unread-data low | out-of-resources", close);
  });

  describe("other active resets", () => {
    check("inlined callers count", active, "tcp_send_active_reset < tcp_disconnect < inet_child_forget~inet_csk_listen_stop < __tcp_close", "listener-closed certain");
    check("listener left LISTEN meanwhile", active, `tcp_send_active_reset < tcp_disconnect < inet_child_forget < inet_csk_reqsk_queue_add < tcp_check_req < tcp_v4_rcv < ${softirq}`, "listener-closed certain");
    check("BPF", active, "tcp_send_active_reset < tcp_abort < bpf_sock_destroy", "destroyed certain");
    check("timer, inlined", active, "tcp_send_active_reset < tcp_out_of_resources~tcp_write_timeout < tcp_retransmit_timer < call_timer_fn < run_timer_softirq", "out-of-resources certain");
    check("timer, not resolved", active, "tcp_send_active_reset < tcp_write_timer_handler < call_timer_fn < run_timer_softirq", "out-of-resources likely");
    check("keepalive of unknown state", active, "tcp_send_active_reset < tcp_keepalive_timer < call_timer_fn", "keepalive-timeout low | fin-wait-timeout");
    check("keepalive by the source", active, "tcp_send_active_reset < tcp_keepalive_timer@net/ipv4/tcp_timer.c:738 < call_timer_fn", "fin-wait-timeout likely", (_, line) => (line === 739 ? "goto death;" : ""));
    check("mptcp", active, "tcp_send_active_reset < mptcp_subflow_reset < mptcp_worker", "mptcp certain");
    check("nobody knows", active, "tcp_send_active_reset < some_new_function", "unknown low");
  });

  describe("passive resets", () => {
    const passive = (facts: Partial<ResetFacts>): ResetFacts => ({ kind: "passive", ...facts });
    const ack = { flags: ["ACK"], payload: 0 };
    check("new child refused the last ACK", passive({ socket: { state: "SYN-RECV" }, packet: ack }), `tcp_v4_send_reset < tcp_v4_rcv < ${softirq}`, "bad-ack-in-handshake likely | data-after-close");
    check("a clone of the function", passive({ socket: { state: "LISTEN" }, packet: ack }), `tcp_v4_send_reset < tcp_v4_do_rcv.isra.0 < tcp_v4_rcv < ${softirq}`, "ack-to-listener certain");
    check("only a stack: the source speaks", passive({ complete: false }), `tcp_v4_send_reset < tcp_v4_rcv@net/ipv4/tcp_ipv4.c:2149 < ${softirq}`, "time-wait likely", (_, line) => (line === 2147 ? "case TCP_TW_RST:" : ""));
    check("only a stack, nothing else", passive({ complete: false }), `tcp_v4_send_reset < tcp_v4_do_rcv < tcp_v4_rcv < ${softirq}`, "ack-to-listener low | data-after-close | linger2-negative | bad-ack-in-syn-sent | bad-ack-in-handshake");
    const doRcv = `tcp_v4_send_reset < tcp_v4_do_rcv < tcp_v4_rcv@net/ipv4/tcp_ipv4.c:2111 < ${softirq}`;
    check("only a stack: the branch for listeners", passive({ complete: false }), doRcv, "ack-to-listener likely", (_, line) => (line === 2110 ? "if (sk->sk_state == TCP_LISTEN) {" : ""));
    check("only a stack: another branch", passive({ complete: false }), doRcv, "data-after-close low | linger2-negative | bad-ack-in-syn-sent | bad-ack-in-handshake", () => "");
    check("only a stack, with the sender's connect", passive({ complete: false }), `tcp_v4_send_reset < tcp_v4_rcv@net/ipv4/tcp_ipv4.c:2149 < ${softirq} < tcp_connect < tcp_v4_connect`, "no-listener likely | no-connection", (_, line) => (line === 2145 ? "bad_packet:" : ""));
    check("only a stack and a reason", passive({ complete: false, reason: "TCP_TIMEWAIT_SOCKET" }), `tcp_v6_send_reset < tcp_v6_rcv < ${softirq}`, "time-wait likely");
    check("the sender below the softirq is not asked", passive({ packet: { flags: ["SYN"] } }), `tcp_v4_send_reset < tcp_v4_rcv < ${softirq} < tcp_send_active_reset < tcp_disconnect < __tcp_close`, "no-listener certain");
    check("received", passive({}), "tcp_reset < tcp_validate_incoming < tcp_v4_do_rcv", "received certain");
    check("received while connecting", { kind: "received", socket: { state: "SYN-SENT" } }, "tcp_reset < tcp_rcv_synsent_state_process", "received certain");
    check("another host's", { kind: "forwarded", packet: { flags: ["RST"] } }, "ip_forward < ip_rcv", "forwarded certain");
    check("a program's own", { kind: "raw", packet: { flags: ["RST"] } }, "ip_output < raw_send_hdrinc < raw_sendmsg", "raw-socket certain");

    const nearby = { local: { address: "10.9.0.1", port: 81 }, remote: { address: "10.9.0.2", port: 40000 }, state: "ESTAB" };
    const escaped = { flags: ["ACK", "PSH"], source: { address: "10.9.0.2", port: 40000 }, destination: { address: "10.9.0.1", port: 80 } };
    const noSocket = `tcp_v4_send_reset < tcp_v4_rcv < ${softirq}`;
    check("NAT passed it over", passive({ packet: escaped, nearby, conntrack: "none" }), noSocket, "nat-not-applied certain");
    check("perhaps so: conntrack was not asked", passive({ packet: escaped, nearby }), noSocket, "nat-not-applied likely | no-connection");
    check("conntrack knew the packet", passive({ packet: escaped, nearby, conntrack: "entry" }), noSocket, "no-connection certain");
    check("no other connection of that peer", passive({ packet: escaped, conntrack: "none" }), noSocket, "no-connection certain");

    check("MPTCP's own reason", passive({ reason: "MPTCP_RST_EMPTCP" }), noSocket, "mptcp certain");
    check("MPTCP closes at once", active, "tcp_send_active_reset < tcp_disconnect < __tcp_close < __mptcp_close_ssk < mptcp_do_fastclose < __mptcp_close", "mptcp certain");
    check("REJECT of IPv6", passive({}), "nf_send_reset6 < nft_reject_inet_eval", "netfilter-reject certain");
  });

  it("puts the packet's addresses beside those of the connection that it was meant for", () => {
    const [source, destination] = [{ address: "10.9.0.2", port: 40000 }, { address: "10.9.0.1", port: 80 }];
    const nearby = { local: { address: "10.9.0.1", port: 81 }, remote: source, state: "ESTAB" };
    const { evidence } = explainReset({ kind: "passive", packet: { flags: ["ACK"], source, destination }, nearby, conntrack: "none" }, frames(`tcp_v4_send_reset < tcp_v4_rcv < ${softirq}`));
    assert.match(evidence.join(" "), /was for 10\.9\.0\.1:80\..*10\.9\.0\.1:81 ↔ 10\.9\.0\.2:40000 ESTAB.*INVALID/);
  });

  it("takes a stack for what it is when nothing else was recorded", () => {
    assert.equal(explainStack(frames("tcp_send_active_reset < tcp_abort < tcp_diag_destroy"))?.cause.id, "destroyed");
    assert.deepEqual(explainStack(frames(`tcp_v4_send_reset < tcp_v4_rcv < ${softirq}`))?.alternatives, ["no-listener", "time-wait", "bad-ack-in-handshake"]);
    assert.equal(explainStack(frames("tcp_v4_rcv < ip_protocol_deliver_rcu")), undefined);
    for (const kernel of ["6.1", "6.12"]) {
      for (const { scenario, cause, stack } of recorded(kernel)) {
        const answer = explainStack(stack.map((frame) => ({ symbol: frame.split("+")[0] ?? "", frames: [] })));
        const possible = [answer?.cause.id, ...(answer?.alternatives ?? [])];
        assert.ok(possible.includes(cause), `${kernel} ${scenario}: ${possible.join()}`);
        assert.ok(answer?.cause.id === cause || answer?.cause.confidence === "low", `${kernel} ${scenario} is confidently wrong`);
      }
    }
  });

  it("says when the process was ended by a signal", () => {
    const { cause } = explainReset(active, frames("tcp_send_active_reset < __tcp_close < tcp_close < do_exit < do_group_exit < get_signal"));
    assert.match(cause.detail, /ended by a signal/);
  });

  it("knows whose doing it was", () => {
    assert.equal(isDoingOfProcess(frames("tcp_send_active_reset < __tcp_close < __x64_sys_close")), true);
    assert.equal(isDoingOfProcess(frames(`tcp_v4_send_reset < tcp_v4_rcv < ${softirq} < __sys_connect`)), false);
    assert.equal(isDoingOfProcess(frames("tcp_send_active_reset < mptcp_worker < process_one_work < kthread")), false);
  });

  it("has words for every cause, with titles of at most eight", () => {
    assert.deepEqual(Object.keys(resetCauses).sort(), [...resetCauseIds].sort());
    for (const { title, detail } of Object.values(resetCauses)) {
      assert.ok(title.split(" ").length <= 8, title);
      assert.match(detail, /\.$/);
    }
  });

  it("always gives an answer, low or with evidence", () => {
    const name = fc.constantFrom("tcp_v4_rcv", "tcp_v4_do_rcv", "tcp_check_req", "__tcp_close", "tcp_disconnect", "do_softirq", "tcp_send_active_reset", "tcp_keepalive_timer", "x");
    const facts = fc.record({ kind: fc.constantFrom("active" as const, "passive" as const), reason: fc.constantFrom("TCP_STATE", "NO_SOCKET", "?") }, { requiredKeys: ["kind"] });
    fc.assert(fc.property(facts, fc.array(name), (some, names) => {
      const { cause, alternatives, evidence } = explainReset(some, names.map((symbol) => ({ symbol, frames: [] })));
      assert.ok(resetCauseIds.includes(cause.id) && evidence.length > 0);
      assert.ok(!alternatives.includes(cause.id));
      assert.ok(cause.confidence !== "certain" || alternatives.length === 0);
    }));
  });
});
