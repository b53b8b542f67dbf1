import assert from "node:assert/strict";
import type { CallEvent } from "../../src/collectors/traces/callModel";
import type { DropEvent } from "../../src/collectors/traces/dropModel";
import type { TraceGroup } from "../../src/collectors/traces/traceModel";
import type { HostTrace } from "../../src/session/host";
import { traceFindings } from "../../src/session/traceFindings";
import { eventually } from "../support/eventually";
import { findScenario, runScenarios } from "./runScenario";
import { countOf, startTraces, type TracedHost } from "./tracedHost";

interface KnownDrop {
  readonly scenario: string;
  /** Of the packet; the scenario's own port is 0. */
  readonly port: number;
  readonly reason: string;
  /** Where the packet was freed, or the function that refused it. */
  readonly place: string;
  /** Words of the source at that line. */
  readonly line: RegExp;
  readonly packet: string;
  readonly atLeast: number;
}

const freed = /kfree_skb|sk_skb_reason_drop/;

/** What the scenarios drop, as their programs say it. */
const known: readonly KnownDrop[] = [
  { scenario: "drops", port: 0, reason: "NETFILTER_DROP", place: "nft_do_chain", line: freed, packet: "UDP", atLeast: 3 },
  { scenario: "drops", port: 1, reason: "NO_SOCKET", place: "__udp4_lib_rcv", line: freed, packet: "UDP", atLeast: 3 },
  { scenario: "drops", port: 1, reason: "NO_SOCKET", place: "tcp_v4_rcv", line: freed, packet: "TCP SYN", atLeast: 3 },
  { scenario: "drops", port: 2, reason: "SOCKET_RCVBUFF", place: "udp_queue_rcv_one_skb", line: freed, packet: "UDP", atLeast: 10 },
  // On a slow target some get past this and fail at their last ACK.
  { scenario: "accept-queue-overflow", port: 0, reason: "ACCEPT_QUEUE_FULL", place: "tcp_conn_request", line: /tcp_conn_request/, packet: "TCP SYN", atLeast: 1 },
  { scenario: "accept-queue-overflow-last-ack", port: 0, reason: "ACCEPT_QUEUE_FULL", place: "tcp_v4_syn_recv_sock", line: /tcp_v4_syn_recv_sock/, packet: "TCP ACK", atLeast: 1 },
  { scenario: "syn-queue-full", port: 0, reason: "SYN_QUEUE_FULL", place: "tcp_conn_request", line: /tcp_conn_request/, packet: "TCP SYN", atLeast: 10 },
];

const scenarioNames = [...new Set(known.map(({ scenario }) => scenario))];
const functionsOf = ({ stack }: TraceGroup): readonly string[] => stack.slice(0, 2).flatMap(({ symbol, frames }) => [symbol ?? "", ...frames.map((frame) => frame.function)]);
const packetText = ({ packet }: DropEvent): string => (packet ? [packet.transport, ...(packet.flags?.length ? [packet.flags.join(",")] : [])].join(" ") : "");

function isOf(group: TraceGroup, { scenario, port, reason, packet }: KnownDrop): boolean {
  const event = group.event as DropEvent;
  return event.reason === reason && event.packet?.destination.port === findScenario(scenario).port + port && packetText(event) === packet;
}

/** Four traces at once over one run of the scenarios: drops and a function by bpftrace, drops and a tracepoint by the kernel's own tracing. */
export function dropTraces(lab: () => TracedHost): void {
  describe("of drops and functions", () => {
    let drops: HostTrace, dropsByFtrace: HostTrace, calls: HostTrace, hits: HostTrace;
    const { port } = findScenario("accept-queue-overflow");

    before(async () => {
      const { host, state } = lab();
      [drops, dropsByFtrace, calls, hits] = await startTraces(host, [
        { kind: "drops" }, { kind: "drops", tool: "ftrace" },
        { kind: "function", name: "tcp_conn_request", port }, { kind: "function", name: "sock:inet_sock_set_state" },
      ]) as [HostTrace, HostTrace, HostTrace, HostTrace];
      const results = await runScenarios(scenarioNames, state.name);
      for (const result of results.values()) if (result instanceof Error) throw result;
      // A slow target hands the last events over seconds later.
      const missing = () => known.filter((drop) => countOf(drops.groups().filter((group) => isOf(group, drop))) < drop.atLeast);
      await eventually(() => assert.deepEqual(missing(), []), 60_000);
      await Promise.all([drops, dropsByFtrace, calls, hits].map((trace) => trace.stop()));
    });

    for (const drop of known) {
      it(`${drop.scenario}: ${drop.reason} of ${drop.packet} in ${drop.place}, with its line`, async () => {
        const groups = drops.groups().filter((group) => isOf(group, drop));
        assert.ok(countOf(groups) >= drop.atLeast, `${countOf(groups)} of them`);
        const group = groups[0]!;
        assert.deepEqual([group.explanation.cause.id, group.explanation.cause.confidence], [drop.reason, "certain"]);
        assert.ok(functionsOf(group).includes(drop.place), functionsOf(group).join());
        const source = group.stack[0]?.frames[0]?.source;
        assert.ok(source, "a line");
        const { text } = await lab().host.source(source.file);
        assert.match(text.split("\n").slice(Math.max(0, source.line - 10), source.line + 1).join("\n"), drop.line);
      });
    }

    it("count every handshake that the full accept queue refuses, at its SYN or at its last ACK", () => {
      const refused = drops.groups().filter(({ event }) => (event as DropEvent).reason === "ACCEPT_QUEUE_FULL" && (event as DropEvent).packet?.destination.port === port);
      assert.ok(countOf(refused) >= 5, `${countOf(refused)} of them`);
    });

    it("both tools see the same reasons in the same places", () => {
      const seen = (trace: HostTrace): ReadonlySet<string> => new Set(trace.groups().map((group) => `${(group.event as DropEvent).reason} ${group.stack[0]?.symbol}`));
      const byFtrace = seen(dropsByFtrace);
      for (const { reason, place } of known.filter(({ line }) => line === freed)) assert.ok([...byFtrace].some((text) => text.startsWith(`${reason} `)), `${reason} in ${place}: ${[...byFtrace].join("; ")}`);
    });

    it("tell a full SYN queue as a finding", () => {
      const findings = traceFindings({ kind: "drops", groups: drops.groups(), summary: drops.summary() });
      const found = findings.find(({ id }) => id === "traced-drops-SYN_QUEUE_FULL");
      assert.ok(found && found.evidence.length > 0 && /tcp_conn_request/.test(found.citation ?? ""), findings.map(({ id }) => id).join());
    });

    it("tell a function's arguments by name, and whose they are", () => {
      const [group] = calls.groups();
      assert.ok(group);
      const event = group.event as CallEvent;
      assert.deepEqual(event.arguments.map(({ name }) => name), ["rsk_ops", "af_ops", "sk", "skb"]);
      assert.match(event.arguments[2]?.value ?? "", new RegExp(`127\\.0\\.0\\.1:${port} ↔ .* LISTEN`));
      assert.match(event.arguments[3]?.value ?? "", new RegExp(`^TCP SYN 127\\.0\\.0\\.1:\\d+ → 127\\.0\\.0\\.1:${port}$`));
      assert.ok(countOf(calls.groups()) >= 8);
      assert.equal(event.stack[0]?.symbol, "tcp_conn_request");
    });

    it("show a tracepoint as the kernel prints it", () => {
      const texts = hits.groups().map(({ event }) => (event as CallEvent).arguments[0]?.value ?? "");
      assert.ok(texts.some((text) => /protocol=IPPROTO_TCP .*oldstate=\w+ newstate=\w+/.test(text)), texts.slice(0, 3).join("\n"));
    });

    it("have lost nothing and said nothing of trouble", () => {
      for (const trace of [drops, calls, hits]) assert.deepEqual([trace.summary().state, trace.summary().lost], ["ended", 0]);
      assert.deepEqual(drops.summary().messages, []);
    });
  });
}
