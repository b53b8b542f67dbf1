import assert from "node:assert/strict";
import fc from "fast-check";
import type { TraceSink } from "../../../../src/collectors/traces/collector";
import { explainPath } from "../../../../src/collectors/traces/packetpath/explainPath";
import { nftReader, parseNftTrace } from "../../../../src/collectors/traces/packetpath/nftTrace";
import { pathChanges, pathMatches } from "../../../../src/collectors/traces/packetpath/pathCommand";
import { PathDecoder } from "../../../../src/collectors/traces/packetpath/pathDecoder";
import { parsePathFilter } from "../../../../src/collectors/traces/packetpath/pathFilter";
import type { PathEvent } from "../../../../src/collectors/traces/packetpath/pathModel";

function read(text: string, atEnd = true): { readonly events: PathEvent[]; readonly ready: boolean } {
  const events: PathEvent[] = [];
  let ready = false;
  const sink: TraceSink<PathEvent> = { ready: () => (ready = true), event: (event) => events.push(event), lost: () => undefined, say: () => undefined };
  const decoder = new PathDecoder(nftReader("knetscope_ab"));
  for (const line of text.split("\n")) decoder.line(line, sink);
  if (atEnd) decoder.end(sink);
  return { events, ready };
}

/** nft 1.0.6 on 6.12: a SYN over loopback that a rule of iptables-nft drops, and one of IPv6 that is let through. */
const captured = `knetscope ready
trace id 92de8aa5 inet knetscope_ab prerouting packet: iif "lo" @ll,0,112 0x800 ip saddr 127.0.0.1 ip daddr 127.0.0.2 ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 23961 ip protocol tcp ip length 60 tcp sport 41470 tcp dport 7777 tcp flags == syn tcp window 65495 
trace id 92de8aa5 inet knetscope_ab prerouting rule th dport 7777 limit rate 50/second meta nftrace set 1 (verdict continue)
trace id 92de8aa5 inet knetscope_ab prerouting policy accept 
trace id 77aa0001 inet knetscope_ab output packet: oif "eth0" ip6 saddr fd00::1 ip6 daddr fd00::2 ip6 dscp cs0 ip6 hoplimit 64 ip6 nexthdr udp ip6 length 20 udp sport 53 udp dport 5353 udp length 20 
trace id 92de8aa5 ip filter INPUT packet: iif "lo" @ll,0,112 0x800 ip saddr 127.0.0.1 ip daddr 127.0.0.2 ip id 23961 ip length 60 tcp sport 41470 tcp dport 7777 tcp flags == syn tcp window 65495 
trace id 92de8aa5 ip filter INPUT rule ip protocol tcp counter packets 3 bytes 180 jump WEB (verdict jump WEB)
trace id 92de8aa5 ip filter WEB rule tcp dport 7777 counter packets 0 bytes 0 drop (verdict drop)
trace id 77aa0001 ip6 filter OUTPUT policy accept 
`;

describe("parseNftTrace", () => {
  it("reads packets, rules and policies", () => {
    const lines = captured.split("\n").map(parseNftTrace);
    assert.deepEqual(lines[1]?.packet, {
      source: { address: "127.0.0.1", port: 41470 }, destination: { address: "127.0.0.2", port: 7777 }, transport: "TCP", flags: ["SYN"], id: 23961, length: 60, deviceIn: "lo",
    });
    assert.deepEqual(lines[4]?.packet, { source: { address: "fd00::1", port: 53 }, destination: { address: "fd00::2", port: 5353 }, transport: "UDP", length: 20, deviceOut: "eth0" });
    assert.deepEqual(lines[7]?.step, { family: "ip", table: "filter", chain: "WEB", rule: "tcp dport 7777 counter drop", verdict: "drop" });
    assert.deepEqual(parseNftTrace("trace id 1 ip nat PREROUTING unknown rule handle 7 (verdict accept)"), undefined);
    assert.deepEqual(parseNftTrace("trace id 1f ip nat PREROUTING verdict return")?.step, { family: "ip", table: "nat", chain: "PREROUTING", verdict: "return" });
  });
  it("never throws", () => fc.assert(fc.property(fc.string(), (text) => [parseNftTrace(text), parseNftTrace(`trace id 1 ip a b packet: ${text}`), parseNftTrace(`trace id 1 ip a b rule ${text}`)].length > 0)));
});

describe("PathDecoder", () => {
  it("hands a packet on when a rule ends it, and what came no further after a second tick", () => {
    const early = read(captured, false);
    assert.deepEqual([early.ready, early.events.length, early.events[0]?.steps.map(({ chain, verdict }) => `${chain} ${verdict}`)], [true, 1, ["INPUT jump WEB", "WEB drop"]]);
    const ticked = read(`${captured}knetscope tick\nknetscope tick\n`, false);
    assert.deepEqual(ticked.events.map(({ packet }) => packet.transport), ["TCP", "UDP"]);
    assert.deepEqual(read(captured).events.length, 2);
  });
  it("keeps the lines of packets apart however they are mixed", () =>
    fc.assert(fc.property(fc.array(fc.nat(4), { maxLength: 40 }), (order) => {
      const lines = order.map((id, index) => `trace id ${id + 1} ip t c${index} packet: iif "lo" ip saddr 10.0.0.${id} ip daddr 10.0.0.9\ntrace id ${id + 1} ip t c${index} policy accept`);
      const { events } = read(lines.join("\n"));
      assert.deepEqual(events.map(({ packet, steps }) => [packet.source.address, steps.length]).sort(), [...new Set(order)].sort().map((id) => [`10.0.0.${id}`, order.filter((other) => other === id).length]));
    })));
  it("never throws", () => fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...captured.split("\n"), "knetscope tick"))), (lines) => read(lines.join("\n")).events.length >= 0)));
});

describe("explainPath", () => {
  const [dropped, passed] = read(captured).events.map((event) => explainPath(event).cause);
  const causeOf = (...steps: readonly { readonly rule?: string; readonly verdict: string }[]): string =>
    explainPath({ type: "path", packet: { source: { address: "a" }, destination: { address: "b" }, transport: "TCP" }, steps: steps.map((step) => ({ family: "ip", table: "filter", chain: "INPUT", ...step })), stack: [] }).cause.id;
  it("says the verdict, and who gave it", () => {
    assert.deepEqual([dropped?.id, dropped?.title, dropped?.detail], ["path-dropped", "Dropped in ip filter WEB", "rule “tcp dport 7777 counter drop” of ip filter WEB dropped the packet; its sender hears nothing."]);
    assert.deepEqual([passed?.id, passed?.title], ["path-accepted", "Passed all 1 step, last ip6 filter OUTPUT"]);
    assert.deepEqual([causeOf(), causeOf({ verdict: "drop" }), causeOf({ rule: "reject with tcp reset", verdict: "drop" }), causeOf({ rule: "queue num 1", verdict: "queue" })], ["path-no-rules", "path-dropped", "path-rejected", "path-handed-over"]);
  });
});

describe("which packets", () => {
  it("become rules of a table of our own, which is all that is undone", () => {
    const { setUp, undo } = pathChanges("ab", parsePathFilter("port=80 proto=tcp from=10.0.0.0/8"));
    assert.equal(setUp.length, 7);
    assert.ok(setUp.every((argv) => argv[0] === "nft" && argv.includes("knetscope_ab")));
    assert.deepEqual(undo, [["nft", "delete", "table", "inet", "knetscope_ab"]]);
    assert.deepEqual(pathMatches({ port: 80, protocol: "tcp", source: "10.0.0.0/8" }), [["ip", "saddr", "10.0.0.0/8", "meta", "l4proto", "tcp", "th", "sport", "80"], ["ip", "saddr", "10.0.0.0/8", "meta", "l4proto", "tcp", "th", "dport", "80"]]);
    assert.deepEqual(pathMatches({ destination: "fd00::1" }), [["ip6", "daddr", "fd00::1"]]);
  });
  it("have to be said, and in words that are understood", () => {
    for (const text of ["", "proto=tcp", "port=0", "port=99999", "proto=gre", "from=", "from=1.2.3.4;reboot", "from=10.0.0.1 to=fd00::1", "x=1"]) assert.throws(() => pathMatches(parsePathFilter(text)), /which packets|not understood|not an address|IP version/, text);
  });
  it("never make anything else of what was typed", () => fc.assert(fc.property(fc.string(), (text) => {
    try {
      assert.ok(pathMatches({ source: text }).flat().every((word) => word === "ip" || word === "ip6" || word === "saddr" || /^[0-9a-fA-F:./]+$/.test(word)));
    } catch (error) {
      assert.match((error as Error).message, /not an address/);
    }
  })));
});
