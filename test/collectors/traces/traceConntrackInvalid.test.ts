import assert from "node:assert/strict";
import type { TraceSink } from "../../../src/collectors/traces/collector";
import { iptablesChanges, logCommand, nftChanges, reasonChanges } from "../../../src/collectors/traces/invalidLogCommand";
import { InvalidLogDecoder, type InvalidLogOptions } from "../../../src/collectors/traces/invalidLogDecoder";
import type { InvalidEvent } from "../../../src/collectors/traces/invalidModel";
import { startTrace, tracingCapability } from "../../../src/collectors/traces/startTrace";
import { traceConntrackInvalid } from "../../../src/collectors/traces/traceConntrackInvalid";
import { DomainError } from "../../../src/base/errors";
import { noConntrackFacts, type ConntrackFacts } from "../../../src/probes/conntrackFacts";
import type { HostFacts } from "../../../src/probes/hostFacts";
import type { TracerFacts } from "../../../src/probes/tracerProbe";
import { shellLine } from "../../../src/target/command";
import { recordedTarget } from "../../support/recordedTarget";

const facts: HostFacts = {
  release: "6.1.0", version: "#1", machine: "x86_64", endianness: "little", wordSize: 8, os: { name: "Debian GNU/Linux 12", id: "debian", versionId: "12" },
  bootId: "b", uid: 0, user: "root", programs: { nft: "/usr/sbin/nft" },
};
const able: ConntrackFacts = { ...noConntrackFacts, entries: 3, isUsed: true, logInvalid: 0, logger: "nf_log_ipv4", canLog: true, isInitial: true, nft: true, iptables: ["iptables", "ip6tables"] };
const tracerWith = (conntrack?: ConntrackFacts): TracerFacts => ({ hasBtf: false, hasKprobes: false, functions: [], words: [], tracers: [], formats: new Map(), ...(conntrack && { conntrack }) });
const request = { kind: "conntrack-invalid" } as const;
const about = { id: "trace-conntrack-invalid", title: "Log conntrack-invalid packets" };

const packet = (port: number): string => `IN=knet0 OUT= MAC=be:43:26:87:d1:ba SRC=10.9.0.2 DST=10.9.0.1 LEN=46 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=TCP SPT=${port} DPT=7224 SEQ=4176718847 ACK=840565975 WINDOW=65535 RES=0x00 ACK PSH URGP=0 `;
const reason = "SEQ is over upper bound 3103042304 (over the window of the receiver)";
const complaint = (sequence: number, port: number): string => `5,${sequence},${700 + sequence},-;nf_ct_proto_6: ${reason} ${packet(port)}`;
const matched = (sequence: number, port: number): string => `6,${sequence},${700 + sequence},-;knetscope_00c0ffee ${packet(port)}`;

interface Read {
  readonly events: readonly InvalidEvent[];
  readonly lost: number;
  readonly said: readonly string[];
  readonly ready: boolean;
}

function read(options: InvalidLogOptions, lines: readonly string[]): Read {
  const decoder = new InvalidLogDecoder(options);
  const events: InvalidEvent[] = [];
  const said: string[] = [];
  let [lost, ready] = [0, false];
  const sink: TraceSink<InvalidEvent> = { ready: () => (ready = true), event: (event) => events.push(event), lost: (count) => (lost += count), say: (text) => said.push(text) };
  for (const line of lines) decoder.line(line, sink);
  decoder.end(sink);
  return { events, lost, said, ready };
}

const token = "00c0ffee";

describe("InvalidLogDecoder", () => {
  it("gives a matched packet the reason that conntrack logged before", () => {
    const { events, ready, said } = read({ token }, ["knetscope since 700", "knetscope ready", complaint(1, 50060), matched(2, 50060)]);
    assert.deepEqual([ready, said, events.map((event) => [event.reason, event.isCertain, event.packet.source.port])], [true, [], [[reason, true, 50060]]]);
  });

  it("leaves out what no rule matched: conntrack complains of packets that it lets pass too", () =>
    assert.deepEqual(read({ token }, [complaint(1, 50060)]).events, []));

  it("believes conntrack's line where there is no rule, but says that it is not certain", () =>
    assert.deepEqual(read({}, [complaint(1, 50060), matched(2, 50060)]).events.map(({ isCertain }) => isCertain), [false]));

  it("does not mix up packets, and says when no reason ever came", () => {
    const { events, said } = read({ token }, [complaint(1, 50061), matched(2, 50060)]);
    assert.deepEqual(events.map((event) => event.reason), [undefined]);
    assert.match(said.join(), /no reasons/);
  });

  it("passes over older lines and over those that are read again", () =>
    assert.equal(read({ token }, ["knetscope since 702", matched(1, 50060), matched(2, 50060), matched(3, 50060), matched(3, 50060), matched(4, 50060)]).events.length, 2));

  it("is not taken in by another trace's rule", () => assert.equal(read({ token: "0badcafe" }, [matched(1, 50060)]).events.length, 0));

  it("filters by port, and still counts what it left out", () => {
    const { events, lost } = read({ token, port: 50061 }, [matched(1, 50060), matched(2, 50061), "\t\tct state invalid counter packets 2 bytes 92 limit rate 50/second"]);
    assert.deepEqual([events.length, lost], [1, 0]);
  });

  it("says what the rate limit kept out of the log, by nft's counters and by those of iptables", () => {
    const nft = ["\t\tct state invalid counter packets 7 bytes 420 limit rate 50/second burst 50 packets log prefix \"knetscope_00c0ffee \" level info", "\t\toifname != \"lo\" ct state invalid counter packets 1 bytes 40 limit rate 50/second"];
    assert.equal(read({ token }, [matched(1, 50060), ...nft]).lost, 7);
    const iptables = ["       4      184            all  --  *      *       0.0.0.0/0            0.0.0.0/0            ctstate INVALID /* knetscope_00c0ffee all */", "       1       46 LOG        all  --  *      *       0.0.0.0/0            0.0.0.0/0            ctstate INVALID limit: avg 50/sec burst 50 /* knetscope_00c0ffee */ LOG flags 1 level 6"];
    assert.equal(read({ token }, [matched(1, 50060), ...iptables]).lost, 3);
  });

  it("says when lines are missing", () => assert.match(read({ token }, [matched(1, 50060), matched(9, 50060)]).said.join(), /overwritten/));
});

describe("what logging changes", () => {
  it("is a table of its own, which the undo deletes", () => {
    const { setUp, undo } = nftChanges(token);
    assert.deepEqual(undo.map(shellLine), ["nft delete table inet knetscope_00c0ffee"]);
    assert.ok(setUp.every((argv) => argv.includes("knetscope_00c0ffee")));
    assert.ok(setUp.filter((argv) => argv[2] === "rule").every((argv) => argv.join(" ").includes("ct state invalid counter limit rate")));
  });

  it("is rules that are deleted by the same words, in both families", () => {
    const { setUp, undo } = iptablesChanges(token, ["iptables", "ip6tables"]);
    assert.deepEqual(undo.map(shellLine), setUp.map((argv) => shellLine(argv).replace(" -I ", " -D ")));
    assert.deepEqual([setUp.length, setUp.filter(([program]) => program === "ip6tables").length], [8, 4]);
    assert.ok(setUp.every((argv) => argv.some((word) => word.startsWith("knetscope_00c0ffee"))));
  });

  it("keeps the sysctl that it will restore, and leaves one alone that needs no change", () => {
    const { reasons, undo } = reasonChanges(6);
    assert.deepEqual(reasons.map(shellLine), ["sysctl -q -w net.netfilter.nf_conntrack_log_invalid=255"]);
    assert.deepEqual(undo[0]?.slice(-2), ["/proc/sys/net/netfilter/nf_conntrack_log_invalid", "6"]);
    assert.deepEqual([reasonChanges(255), reasonChanges(undefined)], [{ reasons: [], undo: [] }, { reasons: [], undo: [] }]);
  });

  it("is undone by the supervisor", () => {
    const changes = { ...nftChanges(token), undo: [...nftChanges(token).undo, ...reasonChanges(0).undo] };
    const { undo, privilege } = logCommand(changes);
    assert.deepEqual([undo, privilege], [changes.undo, "root"]);
  });
});

describe("tracing INVALID packets", () => {
  const judge = (conntrack: ConntrackFacts | undefined, host = facts) => tracingCapability(about, tracerWith(conntrack), host, traceConntrackInvalid, request);

  it("is possible three ways", () => assert.deepEqual(judge(able), { ...about, ok: true, reason: "By nft, iptables, sysctl." }));
  it("is pointless without conntrack, or where no rule uses it", () => {
    assert.match(judge({ ...noConntrackFacts, canLog: true, isInitial: true, nft: true }).reason ?? "", /not loaded.*no packet can be INVALID/);
    assert.match(judge({ ...able, isUsed: false }).reason ?? "", /no firewall or NAT rule/);
  });
  it("needs a logger", () => assert.match(judge({ ...able, canLog: false }).reason ?? "", /nf_log_syslog/));
  it("goes on with what is there, and names the remedy for the best", () => {
    const { ok, reason: words, remedy } = judge({ ...able, nft: false, iptables: [] }, { ...facts, programs: {} });
    assert.deepEqual([ok, words?.startsWith("By sysctl."), remedy?.command], [true, true, "apt-get install -y nftables"]);
  });
  it("cannot filter by process", () => assert.equal(tracingCapability(about, tracerWith(able), facts, traceConntrackInvalid, { ...request, pid: 1 }).ok, false));

  it("asks with the exact commands, and starts nothing without a yes", async () => {
    const target = recordedTarget({ name: "web1" });
    const questions: string[] = [];
    const start = (consent?: (question: { readonly title: string; readonly detail: string }) => Promise<boolean>) =>
      startTrace(target, facts, traceConntrackInvalid, request, { onEvent: () => undefined, tracerFacts: tracerWith(able), ...(consent && { consent }) });
    const refused = (error: unknown): boolean => error instanceof DomainError && error.code === "trace/not-agreed";
    await assert.rejects(start((question) => (questions.push(question.title, question.detail), Promise.resolve(false))), refused);
    await assert.rejects(start(), refused);
    assert.equal(target.commands.length, 0);
    assert.match(questions.join("\n"), /web1\?\n[^]*nft add table inet knetscope_[^]*log_invalid=255[^]*take them back:\n {2}nft delete table/);
  });

  it("runs the commands that it showed", async () => {
    const target = recordedTarget({ recordings: [{ argv: /knetscope/, stdout: `knetscope since 0\nknetscope ready\n${complaint(1, 50060)}\n` }] });
    let shown = "";
    const events: InvalidEvent[] = [];
    const trace = await startTrace(target, facts, traceConntrackInvalid, { ...request, tool: "sysctl" }, {
      onEvent: (event) => events.push(event), tracerFacts: tracerWith(able), consent: ({ detail }) => ((shown = detail), Promise.resolve(true)),
    });
    await trace.ended;
    const [command] = target.commands;
    assert.ok(command && shown.includes(`  ${command.argv.at(-2) ?? "?"}\n`) && command.undo?.every((argv) => shown.includes(shellLine(argv))));
    assert.deepEqual(events.map((event) => event.reason), [reason]);
  });
});
