import assert from "node:assert/strict";
import { homedir } from "node:os";
import { evidenceJson, makeEvidence, type EvidenceInput } from "../../src/session/evidence";
import { evidenceMarkdown } from "../../src/session/evidenceMarkdown";
import { HostFindings } from "../../src/session/hostFindings";
import { traceFindings } from "../../src/session/traceFindings";
import { hostWith } from "../vscode/support/hostWith";
import { totalsOf } from "../../src/stacks/callgraph/callTotals";
import { facts, initNetns, listener, resetGroup } from "../vscode/support/samples";

const trace = { request: { kind: "resets" as const, port: 8081 }, summary: { state: "ended" as const, events: 12, lost: 3, startedAt: 0, endedAt: 9000, messages: [] }, groups: [resetGroup()] };
const input: EvidenceInput = {
  host: "ada@web1", facts: { ...facts, user: "ada", uid: 4242 }, takenAt: Date.UTC(2026, 0, 5), version: "0.1.0", notes: ["a|note"], listeners: [listener()], traces: [trace],
  capabilities: [{ id: "root", title: "Root rights", ok: true, reason: "ada may use sudo." }, { id: "source", title: "Kernel source", ok: true, reason: `Found: ${homedir()}/linux.` }],
  findings: [...traceFindings({ kind: "resets", groups: trace.groups, summary: trace.summary })],
};
const source = (file: string): Promise<string | undefined> =>
  file === "net/ipv4/tcp_ipv4.c" ? Promise.resolve(Array.from({ length: 800 }, (_, at) => `line ${at + 1}; /* \`\`\` */`).join("\n")) : Promise.reject(new Error("not there"));

describe("evidence", () => {
  it("holds kernel, findings, listeners, traces and the source around their lines", async () => {
    const text = evidenceMarkdown(await makeEvidence(input, source));
    for (const part of ["# Evidence from web1", "`6.1.0-28-cloud-amd64`", "## Findings", "### warning: 12 resets: Nothing listens on this port", "### warning: A trace lost 3 events", "## Trace: TCP resets, port 8081", "### 12× Nothing listens on this port",
      "- reset: 10.0.0.5:8081 → 10.0.0.9:51034", "tcp_v4_send_reset at net/ipv4/tcp_ipv4.c:703", "> 703  line 703;", "  699  line 699;", "| init | tcp | 0.0.0.0:8080 | 129/128 |", "- a\\|note", "- yes: Root rights", "Found: ~/linux."]) {
      assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
    }
    assert.ok(text.includes("````text"), "source that holds a fence gets a longer one");
  });

  it("a call graph is its tree with times, a packet's way its rules", async () => {
    const call = { symbol: "tcp_ack", durationNs: 4000, calls: [] };
    const slowest = { symbol: "tcp_v4_rcv", durationNs: 9000, calls: [call] };
    const graph = { ...resetGroup(), stack: [], event: { type: "callgraph" as const, name: "tcp_v4_rcv", totals: totalsOf(slowest), slowest, leftOut: 0, stack: [] } };
    const step = { family: "ip", table: "filter", chain: "INPUT", rule: "tcp dport 80 drop", verdict: "drop" };
    const way = { ...resetGroup(), stack: [], event: { type: "path" as const, packet: { source: { address: "10.0.0.9" }, destination: { address: "10.0.0.5" }, transport: "TCP" }, steps: [step], stack: [] } };
    const traces = [{ ...trace, request: { kind: "callgraph" as const, name: "tcp_v4_rcv" }, groups: [graph] }, { ...trace, request: { kind: "packet" as const, port: 80 }, groups: [way] }];
    const text = evidenceMarkdown(await makeEvidence({ ...input, traces }, source));
    assert.match(text, /total +self +calls\n +9\.00 µs +5\.00 µs +1 {2}tcp_v4_rcv\n +4\.00 µs +4\.00 µs +1 {4}tcp_ack/);
    assert.ok(text.includes("- 1. ip filter INPUT: tcp dport 80 drop → drop"), text);
    assert.doesNotMatch(text, /```text\n\n```/);
    assert.deepEqual(traceFindings({ kind: "callgraph", groups: [graph], summary: { ...trace.summary, lost: 0 } }), []);
  });

  it("names no user", async () => {
    const report = await makeEvidence(input, source);
    for (const text of [evidenceMarkdown(report), evidenceJson(report)]) assert.doesNotMatch(text, /\bada\b|4242|"uid"/);
  });

  it("as JSON it is what it says", async () => {
    const report = JSON.parse(evidenceJson(await makeEvidence(input, source))) as { format: string; host: string; sources: Record<string, { lines: string[] }> };
    assert.deepEqual([report.format, report.host, report.sources["net/ipv4/tcp_ipv4.c:703"]?.lines.length], ["knetscope-evidence", "web1", 9]);
  });
});

describe("findings over time", () => {
  const look = (takenAt: number, invalid: number) => ({ takenAt, namespaces: [{ netns: initNetns, counters: { ConntrackInvalid: invalid }, settings: {}, sockets: {} }] });

  it("the past of a counter is no finding; what rose within five minutes is, and then no longer", () => {
    const { host } = hostWith("web1");
    const findings = new HostFindings(host.target, facts);
    const ids = (takenAt: number, invalid: number): readonly string[] => findings.add(look(takenAt, invalid)).map(({ id, evidence }) => `${id}: ${evidence[0] ?? ""}`);
    assert.deepEqual(ids(0, 1000), []);
    assert.deepEqual(ids(60_000, 1000), []);
    assert.deepEqual(ids(120_000, 1004), ["conntrack-invalid: ConntrackInvalid +4 in 120 s (0.033/s)."]);
    assert.deepEqual(ids(240_000, 1004), ["conntrack-invalid: ConntrackInvalid +4 in 240 s (0.017/s)."]);
    assert.deepEqual(ids(600_000, 1004), []);
  });

  it("a trace's causes, greatest first; what is uncertain is a remark", () => {
    const low = resetGroup({ key: "g2", count: 40 });
    const groups = [resetGroup(), { ...low, explanation: { ...low.explanation, alternatives: ["time-wait"], cause: { ...low.explanation.cause, id: "no-connection", confidence: "low" as const } } }];
    const found = traceFindings({ kind: "resets", groups, summary: { ...trace.summary, lost: 0 } });
    assert.deepEqual(found.map(({ id, severity }) => `${severity} ${id}`), ["info traced-resets-no-connection", "warning traced-resets-no-listener"]);
    assert.ok(found[0]?.evidence.includes("It could also be: time-wait."));
  });
});
