import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KernelFields } from "../../../src/bpftrace/kernelFields";
import { resetFunctions, resetProbes } from "../../../src/bpftrace/resetProgram";
import { resetRecord } from "../../../src/bpftrace/resetRecord";
import { BpftraceDecoder } from "../../../src/collectors/traces/bpftraceDecoder";
import { resetEvent } from "../../../src/collectors/traces/resetEvent";
import type { ResetEvent } from "../../../src/collectors/traces/resetModel";
import { RunningTrace } from "../../../src/collectors/traces/runningTrace";
import { canTrace, startTrace, tracingCapability } from "../../../src/collectors/traces/startTrace";
import { traceResets } from "../../../src/collectors/traces/traceResets";
import { DomainError } from "../../../src/base/errors";
import type { HostFacts } from "../../../src/probes/hostFacts";
import { tracerProbe, type TracerFacts } from "../../../src/probes/tracerProbe";
import type { Command, ExitStatus } from "../../../src/target/command";
import type { RunningCommand } from "../../../src/target/target";
import { btfFile } from "../../support/btfFile";
import { recordedTarget } from "../../support/recordedTarget";

const facts: HostFacts = {
  release: "6.12.1", version: "#1", machine: "x86_64", endianness: "little", wordSize: 8, os: { name: "Debian GNU/Linux 12", id: "debian", versionId: "12" },
  bootId: "b", uid: 0, user: "root", programs: {},
};
const good: TracerFacts = { bpftrace: "bpftrace v0.17.0", hasBtf: true, hasKprobes: true, functions: [{ name: "tcp_v4_send_reset" }], words: [], tracers: [], formats: new Map() };
const request = { kind: "resets" } as const;
const about = { id: "trace-resets", title: "Trace TCP resets" };

const answer = (sections: Readonly<Record<string, string>>): string =>
  ["bpftrace", "perf", "btf", "words", "kprobes", "tracefs", "tracers", "lockdown", "functions", "traceable", ...Object.keys(sections).filter((name) => name.startsWith("format "))].map((name) => `@${name}\n${sections[name] ?? ""}`).concat("@end\n").join("\n");
const full = answer({ bpftrace: "bpftrace v0.17.0", btf: "yes", words: "sk_rst_reason", kprobes: "yes\nyes", perf: "perf version 6.1", tracefs: "/sys/kernel/tracing", tracers: "function_graph nop", traceable: "tcp_v4_send_reset", "format skb:kfree_skb": "name: kfree_skb", lockdown: "none [integrity] confidentiality", functions: "ffffffff81000000 T tcp_v4_send_reset\nffffffffc0000000 t nf_send_reset\t[nf_reject_ipv4]" });

const fixture = readFileSync(join(import.meta.dirname, "../../fixtures/bpftrace/resets-6.12.ndjson"), "utf8");
const ready = '{"type": "printf", "data": "knetscope ready\\n"}\n';

/** A command whose output is given, and which ends as told once it was read (or when stopped, with `holds`). */
function command(stdout: readonly string[], options: { stderr?: string; exit?: ExitStatus; holds?: boolean; fails?: Error } = {}): RunningCommand {
  let end: (status: ExitStatus) => void = () => undefined;
  const stopped = new Promise<ExitStatus>((resolve) => (end = resolve));
  const exit = options.holds ? stopped : options.fails ? Promise.reject(options.fails) : Promise.resolve(options.exit ?? { code: 0 });
  exit.catch(() => undefined);
  async function* chunks(texts: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
    if (options.holds) await stopped;
  }
  return { stdout: chunks(stdout), stderr: chunks([options.stderr ?? ""]), exit, stop: () => (end({ code: 0 }), exit) };
}

function decoder(): BpftraceDecoder<ResetEvent> {
  const probes = resetProbes(resetFunctions.map((name) => ({ function: name })), { filter: {}, endianness: "little", kernel: new KernelFields((_, path) => (path === "_nfct" ? undefined : 0)) });
  return new BpftraceDecoder<ResetEvent>(probes, (record) => {
    const reset = resetRecord(record, "little");
    return reset && resetEvent(reset, new Map([[1, "NO_SOCKET"]]));
  }, (frame) => frame);
}

function run(running: RunningCommand, durationMs?: number): { trace: RunningTrace<ResetEvent>; events: ResetEvent[] } {
  const events: ResetEvent[] = [];
  const trace = new RunningTrace<ResetEvent>(running, { where: "host", decoder: decoder(), onEvent: (event) => events.push(event), ...(durationMs === undefined ? {} : { durationMs }) });
  return { trace, events };
}

describe("tracerProbe", () => {
  const probe = tracerProbe({ functions: ["tcp_v4_send_reset"], words: ["sk_rst_reason"], events: ["skb:kfree_skb"] });
  const parse = (text: string): TracerFacts => probe.parse({ code: 0, stdout: Buffer.from(text), stderr: "" });

  it("reads what a host has", () => {
    assert.deepEqual(parse(full), {
      bpftrace: "bpftrace v0.17.0", perf: "perf version 6.1", hasBtf: true, words: ["sk_rst_reason"], hasKprobes: true, tracefs: "/sys/kernel/tracing", tracers: ["function_graph", "nop"], lockdown: "integrity",
      functions: [{ name: "tcp_v4_send_reset", isTraceable: true }, { name: "nf_send_reset", module: "nf_reject_ipv4", isTraceable: false }], formats: new Map([["skb:kfree_skb", "name: kfree_skb"]]),
    });
  });
  it("reads what a host lacks", () => {
    assert.deepEqual(parse(answer({ bpftrace: "missing" })), { hasBtf: false, words: [], hasKprobes: false, functions: [], tracers: [], formats: new Map() });
  });
  it("does not take half an answer", () => assert.throws(() => parse(full.slice(0, -6)), { code: "probe/bad-answer" }));
});

describe("tracing capability", () => {
  const check = (name: string, tracer: Partial<TracerFacts>, reason: RegExp): void =>
    void it(name, () => {
      const capability = tracingCapability(about, { ...good, ...tracer }, facts, traceResets, request);
      assert.deepEqual([capability.id, capability.ok], ["trace-resets", false]);
      assert.match(capability.reason ?? "", reason);
    });
  check("old bpftrace", { bpftrace: "bpftrace v0.9.2" }, /0\.9\.2 is too old/);
  check("bpftrace without a version", { bpftrace: "bpftrace " }, /unknown version/);
  check("lockdown", { lockdown: "confidentiality" }, /locked down/);
  check("no kprobes", { hasKprobes: false }, /kprobes/);
  check("no BTF", { hasBtf: false }, /BTF/);
  check("no function", { functions: [] }, /none of tcp_v4_send_reset/);
  it("is there", () => assert.equal(tracingCapability(about, good, facts, traceResets, request).ok, true));
  it("is installed by the distribution's own command", () => {
    const without: TracerFacts = { hasBtf: true, hasKprobes: true, functions: [], words: [], tracers: [], formats: new Map() };
    assert.equal(tracingCapability(about, without, facts, traceResets, request).remedy?.command, "apt-get install -y bpftrace");
    assert.equal(tracingCapability(about, without, { ...facts, os: { name: "X", id: "x", versionId: "" } }, traceResets, request).remedy, undefined);
  });
  it("needs root, and does not hide a lost link", async () => {
    const refused = recordedTarget({ recordings: [{ argv: /./, error: new DomainError("target/no-sudo", "knet cannot become root", "host") }] });
    assert.match((await canTrace(about, refused, facts, traceResets, request)).reason ?? "", /root: knet cannot/);
    const lost = recordedTarget({ recordings: [{ argv: /./, error: new DomainError("target/link-lost", "gone", "host") }] });
    await assert.rejects(canTrace(about, lost, facts, traceResets, request), { code: "target/link-lost" });
  });
});

describe("startTrace", () => {
  const types = btfFile([
    { kind: 4, name: "sock", target: 8 }, { kind: 2, name: "", target: 1 }, { kind: 4, name: "sk_buff", target: 8 }, { kind: 2, name: "", target: 3 },
    { kind: 6, name: "sk_rst_reason", target: 4, members: [["SK_RST_REASON_NO_SOCKET", 1]] },
    { kind: 13, name: "", target: 0, members: [["sk", 2], ["reason", 5]] }, { kind: 12, name: "tcp_send_active_reset", target: 6 },
    { kind: 1, name: "short", target: 2, rest: [0x10] }, { kind: 4, name: "inet_sock", target: 800, members: [["inet_sport", 8, 798 * 8]] },
  ], "little");
  const tracerFacts: TracerFacts = { ...good, functions: [{ name: "tcp_send_active_reset" }], words: ["sk_rst_reason"] };

  it("writes the program for the target's own types and port", async () => {
    const target = recordedTarget({ recordings: [{ argv: (asked) => asked.argv.at(-1) === "vmlinux", stdout: types }, { argv: (asked) => asked.argv[0] === "bpftrace", stdout: ready }] });
    const trace = await startTrace(target, facts, traceResets, { ...request, port: 80 }, { tracerFacts, onEvent: () => undefined });
    await trace.ended;
    const { argv, privilege } = target.commands.at(-1) ?? {};
    assert.deepEqual([argv?.slice(0, 4), privilege], [["bpftrace", "-f", "json", "-e"], "root"]);
    assert.match(argv?.[4] ?? "", /\*\(uint16 \*\)\(\$sk \+ 798\) == 20480[^]*arg1, pid, kstack/);
    assert.match(trace.messages().join(), /nf_reject_ipv4 or nf_reject_ipv6; resets of one that is loaded from now on are not seen/);
  });

  it("traces by ftrace what comes with a module that is not loaded; what stops ftrace stops no trace", async () => {
    const [bpftrace, kernelTypes] = [{ argv: (asked: Command) => asked.argv[0] === "bpftrace", stdout: ready }, { argv: (asked: Command) => asked.argv.at(-1) === "vmlinux", stdout: types }];
    const late = `knetscope ready\n curl-7   [001] b.s3. 1.5: nf_send_reset: (nf_send_reset+0x0/0x310 [nf_reject_ipv4])\n curl-7   [001] b.s3. 1.5: <stack trace>\n => nf_send_reset+0x1/0x310 [nf_reject_ipv4]\n => reject_tg+0x10/0x20 [ipt_REJECT]\n`;
    const start = async (ftrace: { stdout?: string; error?: Error }): Promise<readonly [readonly string[], string, readonly (readonly string[])[]]> => {
      const seen: string[] = [];
      const target = recordedTarget({ recordings: [kernelTypes, bpftrace, { argv: /.*/, ...ftrace }] });
      const trace = await startTrace(target, facts, traceResets, request, { tracerFacts: { ...tracerFacts, tracefs: "/t" }, onEvent: ({ kind, stack }) => seen.push(`${kind} ${stack[0]?.symbol ?? ""}`) });
      await trace.ready;
      await trace.ended;
      return [seen, trace.messages().join(), target.commands.map(({ argv }) => argv)];
    };
    const [seen, , commands] = await start({ stdout: late });
    assert.deepEqual(seen, ["passive nf_send_reset"]);
    assert.match(commands.at(-1)?.join(" ") ?? "", /nf_reject_ipv4:nf_send_reset\n.*nf_reject_ipv6:nf_send_reset6/);
    assert.match((await start({ error: new Error("no channel") }))[1], /no channel/);
    assert.match((await start({ stdout: "" }))[1], /tracing could not be set up/);
  });

  it("says what stands in the way before anything runs", async () => {
    await assert.rejects(startTrace(recordedTarget(), facts, traceResets, request, { tracerFacts: { ...good, hasBtf: false }, onEvent: () => undefined }), { code: "bpftrace/no-btf" });
  });
});

describe("RunningTrace", () => {
  it("hands on events in order, whatever the chunks", async () => {
    const { trace, events } = run(command([...fixture.matchAll(/[^]{1,97}/g)].map(([chunk]) => chunk)));
    await trace.ready;
    await trace.ended;
    assert.deepEqual(events.map((event) => [event.kind, event.family, event.socket?.state, event.socket?.substate, event.reason, event.process.isOwner, event.netns]), [
      ["passive", "ipv4", undefined, undefined, "NO_SOCKET", false, 4026531840],
      ["passive", "ipv6", undefined, undefined, "NO_SOCKET", false, 4026531840],
      ["active", "ipv4", "UNCONN", undefined, "11", true, 4026531840],
      ["passive", "ipv4", "TIME-WAIT", "FIN-WAIT-2", "9", false, 4026531840],
    ]);
    assert.deepEqual([trace.lost(), trace.messages()], [0, []]);
  });

  it("counts what was lost and repeats warnings once", async () => {
    const lost = '{"type": "lost_events", "data": {"events": 5}}\n';
    const { trace } = run(command([ready, lost, lost, "garbage\n"], { stderr: "WARNING: x\nWARNING: x\n~~~\n" }));
    await trace.ended;
    assert.deepEqual([trace.lost(), [...trace.messages()].sort()], [10, ["WARNING: x", "not understood: garbage"]]);
  });

  it("fails with bpftrace's own words", async () => {
    const { trace } = run(command(['{"type": "attached_probes", "data": {"probes": 1}}\n'], { stderr: "ERROR: Error attaching probe: 'kprobe:x'\n", exit: { code: 255 } }));
    await assert.rejects(trace.ready, { code: "bpftrace/attach-failed", where: "host" });
    await assert.rejects(trace.ended, /kprobe:x/);
  });

  it("is not ready when bpftrace ends in good order before its first tick", async () => {
    const { trace } = run(command([""]));
    await assert.rejects(trace.ready, { code: "bpftrace/failed" });
  });

  it("passes on the loss of the link", async () => {
    const { trace } = run(command([ready], { fails: new DomainError("target/link-lost", "gone") }));
    await trace.ready;
    await assert.rejects(trace.ended, { code: "target/link-lost" });
  });

  it("ends after its time, and when stopped", async () => {
    const timed = run(command([ready], { holds: true }), 5);
    await timed.trace.ended;
    const stopped = run(command([], { holds: true }));
    await stopped.trace.stop();
    await assert.rejects(stopped.trace.ready, { code: "trace/stopped" });
  });

  it("survives a listener that throws, and says so", async () => {
    const trace = new RunningTrace<ResetEvent>(command([fixture]), { where: "host", decoder: decoder(), onEvent: () => { throw new Error("listener"); } });
    await trace.ended;
    assert.deepEqual(trace.messages(), ["listener"]);
  });
});
