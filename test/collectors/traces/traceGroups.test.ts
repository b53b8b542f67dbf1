import assert from "node:assert/strict";
import { vaddr } from "../../../src/base/brands";
import { TraceGroups } from "../../../src/collectors/traces/traceGroups";
import type { ResetEvent } from "../../../src/collectors/traces/resetModel";
import { symbolizeFrame, type AddressLookup } from "../../../src/collectors/traces/symbolizeFrame";
import { traceResets } from "../../../src/collectors/traces/traceResets";
import type { StackFrame } from "../../../src/stacks/stack";
import type { ResolvedFrame } from "../../../src/symbolize/resolvedFrame";

const frame = (symbol: string, address: number): StackFrame => ({ symbol, offset: 1, address: vaddr(BigInt(address)), kind: "return", reliable: true });
const chain = [frame("tcp_v4_send_reset", 1), frame("tcp_v4_rcv", 2)];
const below = (address: number): readonly StackFrame[] => [frame("handle_softirqs", 3), frame("do_idle", address)];

function syn(client: string, port: number, stack: readonly StackFrame[] = chain): ResetEvent {
  return {
    type: "reset", kind: "passive", family: "ipv4", packet: { source: { address: client, port }, destination: { address: "10.0.0.1", port: 80 }, flags: ["SYN"], seq: 1, ack: 0 },
    process: { pid: 0, name: "swapper/0", isOwner: false }, stack,
  };
}

const close: ResetEvent = {
  type: "reset", kind: "active", family: "ipv4", socket: { local: { address: "10.0.0.1", port: 50000 }, remote: { address: "10.0.0.2", port: 443 }, state: "UNCONN" },
  process: { pid: 7, name: "app", isOwner: true }, stack: [frame("tcp_send_active_reset", 21), frame("__tcp_close", 22)],
};

const resolved = (stack: readonly StackFrame[]): readonly ResolvedFrame[] =>
  stack.map(({ symbol = "" }, index) => ({ input: symbol, symbol, status: "ok", lookup: "caller", frames: [{ function: symbol, inlined: false, source: { file: "net/ipv4/tcp.c", line: 100 + index } }] }));

function groupsOf(events: readonly ResetEvent[], options: Partial<ConstructorParameters<typeof TraceGroups>[1]> = {}): TraceGroups<ResetEvent> {
  const groups = new TraceGroups<ResetEvent>(traceResets.subject, { resolve: (stack) => Promise.resolve(resolved(stack)), ...options });
  for (const event of events) groups.add(event);
  return groups;
}

describe("TraceGroups", () => {
  it("joins clients' ports and what the softirq interrupted, and parts clients", async () => {
    let time = 0;
    const groups = groupsOf([syn("10.0.0.2", 40000, [...chain, ...below(10)]), syn("10.0.0.2", 40001, [...chain, ...below(11)]), syn("10.0.0.3", 40000)], { now: () => ++time });
    await groups.settled();
    assert.deepEqual(groups.groups().map(({ count, firstSeen, lastSeen, event }) => [count, firstSeen, lastSeen, event.packet?.source.port]), [[2, 1, 2, 40001], [1, 3, 3, 40000]]);
  });

  it("drops the port that changes: here this host is the client", () => {
    const again = { ...close, socket: { ...close.socket!, local: { address: "10.0.0.1", port: 50001 } } };
    const other = { ...close, socket: { ...close.socket!, remote: { address: "10.0.0.2", port: 444 } } };
    assert.deepEqual(groupsOf([close, again, other]).groups().map(({ count }) => count), [2, 1]);
  });

  it("has a group at once, and its lines later", async () => {
    const groups = groupsOf([close]);
    const [early] = groups.groups();
    assert.deepEqual([early?.explanation.cause.confidence, early?.stack[1]?.status, early?.stack[1]?.message], ["low", "no-debuginfo", "Being resolved."]);
    let changes = 0;
    groups.onChange(() => changes++);
    await groups.settled();
    assert.deepEqual([groups.groups()[0]?.stack[1]?.status, changes], ["ok", 1]);
  });

  it("learns what else explains a group's first event, and goes without where the host does not tell", async () => {
    const peer = { address: "10.0.0.9", port: 50_000 };
    const event: ResetEvent = { type: "reset", kind: "passive", family: "ipv4", packet: { source: peer, destination: { address: "10.0.0.1", port: 80 }, flags: ["ACK"], seq: 1, ack: 2 }, conntrack: "none", process: close.process, stack: chain };
    const socket = { local: { address: "10.0.0.1", port: 81 }, remote: peer, state: "ESTAB" };
    const causes = async (connectionsWith: () => Promise<readonly (typeof socket)[]>): Promise<readonly string[]> => {
      const groups = new TraceGroups<ResetEvent>(traceResets.subject, { resolve: (stack) => Promise.resolve(resolved(stack)), host: { connectionsWith } });
      groups.add(event);
      await groups.settled();
      groups.add(event);
      return groups.groups().map(({ explanation, event: { nearby }, count }) => `${explanation.cause.id} ${nearby?.local.port ?? ""} ${count}`);
    };
    assert.deepEqual(await causes(() => Promise.resolve([{ ...socket, local: { address: "10.0.0.1", port: 80 } }, socket])), ["nat-not-applied 81 2"]);
    assert.deepEqual(await causes(() => Promise.reject(new Error("no sockets here"))), ["no-connection  2"]);
  });

  it("reads the source only where the chain leaves the cause open", async () => {
    const asked: string[] = [];
    const readSource = (file: string): Promise<string> => {
      asked.push(file);
      return Promise.resolve(`${"\n".repeat(102)}LINUX_MIB_TCPABORTONLINGER);\n`);
    };
    const groups = groupsOf([close, syn("10.0.0.2", 40000)], { readSource });
    await groups.settled();
    assert.deepEqual(groups.groups().map(({ explanation }) => `${explanation.cause.id} ${explanation.cause.confidence}`), ["linger2-negative certain", "no-listener certain"]);
    assert.deepEqual(asked, ["net/ipv4/tcp.c"]);
  });

  it("resolves equal stacks once, and says why it could not", async () => {
    let calls = 0;
    const groups = groupsOf([syn("10.0.0.2", 1), syn("10.0.0.3", 1)], { resolve: () => (calls++, Promise.reject(new Error("no file"))) });
    await groups.settled();
    assert.equal(calls, 1);
    assert.deepEqual(groups.groups().map(({ stack }) => stack[0]?.message), ["no file", "no file"]);
  });

  it("stays bounded: first peers are no longer told apart, then events are only counted", () => {
    const flood = Array.from({ length: 1000 }, (_, index) => syn(`10.1.${index >> 8}.${index & 255}`, 40000));
    const groups = groupsOf(flood, { limit: 10 });
    assert.equal(groups.groups().length, 11);
    assert.equal(groups.groups().reduce((sum, { count }) => sum + count, 0), 1000);
    const listeners = flood.map((event, port) => ({ ...event, packet: { ...event.packet!, destination: { address: "10.0.0.1", port: port + 1 } } }));
    const many = groupsOf(listeners, { limit: 10 });
    assert.equal(many.groups().length, 20);
    assert.equal(many.groups().reduce((sum, { count }) => sum + count, 0) + many.ungrouped(), 1000);
  });
});

describe("events that were only counted", () => {
  it("go to the only peer of their kind, and to no peer when there are several", () => {
    const groups = groupsOf([syn("10.0.0.2", 1)]);
    groups.add(syn("10.0.0.2", 2), 100, true);
    assert.deepEqual(groups.groups().map(({ count, mixed }) => [count, mixed]), [[101, true]]);
    groups.add(syn("10.0.0.3", 1));
    groups.add(syn("10.0.0.3", 2), 50, true);
    assert.deepEqual(groups.groups().map(({ count, mixed }) => [count, mixed]), [[101, true], [1, undefined], [50, true]]);
  });
});

describe("symbolizeFrame", () => {
  const kallsyms: AddressLookup = { lookup: (address) => (address >= 0x1000n && address < 0x2000n ? { symbol: "tcp_diag_destroy", offset: Number(address - 0x1000n), size: 0x100, module: "tcp_diag", isCode: true } : undefined) };
  const wrong: StackFrame = { symbol: "cleanup_module", offset: 23658, address: vaddr(0x1010n), kind: "return", reliable: true };

  it("names code that was loaded later", () => {
    assert.deepEqual(symbolizeFrame(wrong, kallsyms), { symbol: "tcp_diag_destroy", offset: 0x10, size: 0x100, module: "tcp_diag", address: 0x1010n, kind: "return", reliable: true });
  });
  it("takes a return address behind a function's last call for that function", () => {
    assert.equal(symbolizeFrame({ ...wrong, address: vaddr(0x1100n) }, kallsyms).offset, 0x100);
    assert.equal(symbolizeFrame({ ...wrong, address: vaddr(0x1100n), kind: "exact" }, kallsyms).symbol, "cleanup_module");
  });
  it("does not take code of a module that came later for the data before it", () => {
    const older: AddressLookup = { lookup: () => ({ symbol: "temp_id.14", offset: 0x10, size: 0x1000, module: "nf_reject_ipv4", isCode: false }) };
    assert.deepEqual(symbolizeFrame(wrong, older), wrong);
  });
  it("leaves alone what the kernel named itself, with its size", () => assert.equal(symbolizeFrame({ ...wrong, symbol: "reject_tg", size: 0xe0 }, kallsyms).symbol, "reject_tg"));
  it("leaves alone what it does not know", () => {
    for (const other of [{ ...wrong, address: vaddr(0x3000n) }, { symbol: "x", kind: "exact", reliable: true } as const]) assert.deepEqual(symbolizeFrame(other, kallsyms), other);
  });
});
