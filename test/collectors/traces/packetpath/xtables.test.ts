import assert from "node:assert/strict";
import fc from "fast-check";
import { explainPath } from "../../../../src/collectors/traces/packetpath/explainPath";
import { LegacyReader } from "../../../../src/collectors/traces/packetpath/legacyTrace";
import { parsePathFilter } from "../../../../src/collectors/traces/packetpath/pathFilter";
import { PathDecoder } from "../../../../src/collectors/traces/packetpath/pathDecoder";
import type { PathEvent } from "../../../../src/collectors/traces/packetpath/pathModel";
import type { PathReader } from "../../../../src/collectors/traces/packetpath/pathReader";
import { xtablesChanges } from "../../../../src/collectors/traces/packetpath/xtablesCommand";
import { xtablesReader } from "../../../../src/collectors/traces/packetpath/xtablesTrace";
import { shellLine } from "../../../../src/target/command";

interface Read {
  readonly events: readonly PathEvent[];
  readonly said: readonly string[];
}

function read(reader: PathReader, text: string): Read {
  const events: PathEvent[] = [];
  const said: string[] = [];
  const decoder = new PathDecoder(reader);
  const sink = { ready: () => undefined, event: (event: PathEvent) => events.push(event), lost: () => undefined, say: (words: string) => said.push(words) };
  for (const line of text.split("\n")) decoder.line(line, sink);
  decoder.end(sink);
  return { events, said };
}

const stepsOf = ({ events }: Read): readonly (readonly string[])[] => events.map(({ steps }) => steps.map(({ family, table, chain, rule, verdict }) => `${family} ${table} ${chain} ${rule ?? "-"} → ${verdict}`));

/** xtables-monitor 1.8.9 on 6.12. */
const monitored = `PACKET: 2 38b87ca6 OUT=lo SRC=127.0.0.1 DST=127.0.0.1 LEN=60 TOS=0x0 TTL=64 ID=9254 DF SPORT=55420 DPORT=9302 SYN 
 TRACE: 2 38b87ca6 raw:OUTPUT:rule:0x4:CONTINUE  -4 -t raw -A OUTPUT -p tcp -m multiport --ports 9302 -m comment --comment knetscope_ab -j TRACE
 TRACE: 2 38b87ca6 raw:OUTPUT:policy:ACCEPT 
PACKET: 2 bfba8d45 IN=lo LOOPBACK SRC=127.0.0.1 DST=127.0.0.1 LEN=60 TOS=0x0 TTL=64 ID=9254 DF SPORT=55420 DPORT=9302 SYN 
 TRACE: 2 bfba8d45 raw:PREROUTING:policy:ACCEPT 
PACKET: 2 bfba8d45 IN=lo LOOPBACK SRC=127.0.0.1 DST=127.0.0.1 LEN=60 TOS=0x0 TTL=64 ID=9254 DF SPORT=55420 DPORT=9302 SYN 
 TRACE: 2 bfba8d45 filter:INPUT:rule:0x5:DROP  -4 -t filter -A INPUT -p tcp -m tcp --dport 9302 -j DROP`;

describe("xtables-monitor", () => {
  it("tells packets, rules as iptables writes them, and verdicts", () => {
    const seen = read(xtablesReader("knetscope_ab"), monitored);
    assert.deepEqual([...stepsOf(seen)].sort(), [["ip raw OUTPUT - → accept"], ["ip raw PREROUTING - → accept", "ip filter INPUT -p tcp -m tcp --dport 9302 -j DROP → drop"]].sort());
    const dropped = seen.events.find(({ packet }) => packet.deviceIn === "lo");
    assert.deepEqual(dropped?.packet, { source: { address: "127.0.0.1", port: 55420 }, destination: { address: "127.0.0.1", port: 9302 }, transport: "TCP", flags: ["SYN"], id: 9254, length: 60, deviceIn: "lo" });
    assert.equal(explainPath(dropped).cause.title, "Dropped in ip filter INPUT");
  });
  it("tells jumps, UDP from TCP, and IPv6", () => {
    const text = `PACKET: 2 f0874be3 IN=lo LOOPBACK SRC=127.0.0.1 DST=127.0.0.1 LEN=30 TOS=0x0 TTL=64 ID=10486 DF SPORT=38290 DPORT=7777 
 TRACE: 2 f0874be3 filter:INPUT:rule:0x3:JUMP:WEB  -4 -t filter -A INPUT -p udp -j WEB
 TRACE: 2 f0874be3 filter:WEB:rule:0x4:DROP  -4 -t filter -A WEB -p udp -m udp --dport 7777 -j REJECT --reject-with icmp-port-unreachable
PACKET: 10 9875241d IN=lo LOOPBACK SRC=::1 DST=::1 LEN=30 TC=0 HOPLIMIT=64 FLOWLBL=287693 SPORT=46431 DPORT=7777 
 TRACE: 10 9875241d raw:PREROUTING:policy:ACCEPT `;
    const seen = read(xtablesReader("knetscope_ab"), text);
    assert.deepEqual(stepsOf(seen), [
      ["ip filter INPUT -p udp -j WEB → jump WEB", "ip filter WEB -p udp -m udp --dport 7777 -j REJECT --reject-with icmp-port-unreachable → drop"], ["ip6 raw PREROUTING - → accept"],
    ]);
    assert.deepEqual(seen.events.map(({ packet }) => [packet.transport, packet.source]), [["UDP", { address: "127.0.0.1", port: 38290 }], ["UDP", { address: "::1", port: 46431 }]]);
  });
  it("says which rule it was when the monitor fails over it", () => {
    const cut = `PACKET: 10 17e6bb50 IN=lo SRC=::1 DST=::1 LEN=30 SPORT=36470 DPORT=7777 \n TRACE: 10 17e6bb50 filter:INPUT:rule:0x12:DROP  -6 -t filter knetscope tick`;
    assert.deepEqual(stepsOf(read(xtablesReader("knetscope_ab"), cut)), [["ip6 filter INPUT with handle 18, which xtables-monitor cannot write out → drop"]]);
  });
  it("never throws", () => fc.assert(fc.property(fc.string(), (text) => ["", "PACKET: 2 ab ", " TRACE: 2 ab raw:OUTPUT:rule:"].every((head) => read(xtablesReader("x"), head + text).said.length === 0))));
});

const packet = "MAC=00:00:00:00:00:00:00:00:00:00:00:00:08:00 SRC=127.0.0.1 DST=127.0.0.1 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=36473 DF PROTO=TCP SPT=57388 DPT=9302 SEQ=282621304 ACK=0 WINDOW=65495 RES=0x00 SYN URGP=0 OPT (0204FFD70402080A8A9704180000000001030307) ";
const rules = `knetscope rules ip
# Generated by iptables-save v1.8.9
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p tcp -m multiport --ports 9302 -m comment --comment knetscope_ab -j TRACE
COMMIT
*filter
:INPUT DROP [3:180]
:WEB - [0:0]
-A INPUT -m comment --comment "not -j DROP" -j LOG
-A INPUT -p tcp -j WEB
-A WEB -p tcp -m tcp --dport 9302 -j REJECT --reject-with tcp-reset
COMMIT
knetscope rules ip6
knetscope rules `;
const record = (sequence: number, place: string): string => `4,${sequence},${900 + sequence},-;TRACE: ${place} IN=lo OUT= ${packet}`;

describe("the kernel log of iptables-legacy", () => {
  const logged = [rules, "knetscope since 700", record(1, "raw:PREROUTING:rule:1"), record(2, "raw:PREROUTING:policy:2"), record(3, "filter:INPUT:rule:1"), record(4, "filter:INPUT:rule:2"), record(5, "filter:WEB:rule:1")];

  it("names rules by their numbers, and where their targets lead", () => {
    const seen = read(new LegacyReader("knetscope_ab"), [...logged, rules].join("\n"));
    assert.deepEqual(stepsOf(seen), [[
      "ip raw PREROUTING - → accept", "ip filter INPUT -m comment --comment \"not -j DROP\" -j LOG → continue", "ip filter INPUT -p tcp -j WEB → jump WEB",
      "ip filter WEB -p tcp -m tcp --dport 9302 -j REJECT --reject-with tcp-reset → drop",
    ]]);
    assert.deepEqual([seen.said, explainPath(seen.events[0]!).cause.title], [[], "Rejected in ip filter WEB"]);
  });

  it("knows policies, ends of chains, and says a number where it knows no rule", () => {
    const seen = read(new LegacyReader("knetscope_ab"), [rules, record(1, "filter:WEB:return:2"), record(2, "filter:INPUT:rule:7"), record(3, "filter:INPUT:policy:3")].join("\n"));
    assert.deepEqual(stepsOf(seen), [["ip filter WEB - → return", "ip filter INPUT number 7 → continue", "ip filter INPUT - → drop"]]);
  });

  it("passes over what was logged before, and says when rules or lines were lost on the way", () => {
    const late = [rules, "knetscope since 902", record(1, "filter:INPUT:policy:3"), record(3, "filter:INPUT:policy:3"), record(9, "filter:INPUT:policy:3"), rules.replace("--dport 9302", "--dport 80")];
    const { said, events } = read(new LegacyReader("knetscope_ab"), late.join("\n"));
    assert.deepEqual([events.length, said.length], [2, 2]);
    assert.match(said.join(), /overwritten.*changed meanwhile/);
  });

  it("never throws", () => fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...rules.split("\n"), ...logged), fc.string().map((text) => `4,9,9,-;TRACE: ${text}`))), (lines) => read(new LegacyReader("x"), lines.join("\n")).events.length >= 0)));
});

describe("marking by iptables", () => {
  const lines = (text: string, programs: readonly string[]): readonly string[] => xtablesChanges("ab", programs, parsePathFilter(text), 10).setUp.map((argv) => shellLine(argv));

  it("is rules with a comment of ours, which are deleted by the same words", () => {
    const { setUp, undo } = xtablesChanges("ab", ["iptables-legacy", "ip6tables-legacy"], { port: 80 }, 10);
    assert.deepEqual(undo.map((argv) => shellLine(argv)), setUp.map((argv) => shellLine(argv).replace(" -I ", " -D ")));
    assert.deepEqual([setUp.length, setUp.every((argv) => argv.includes("knetscope_ab") && argv.includes("10/second") && argv.at(-1) === "TRACE")], [8, true]);
  });

  it("takes the program of the addresses' family", () => {
    const mark = "-m limit --limit 10/second --limit-burst 10 -m comment --comment knetscope_ab -j TRACE";
    assert.deepEqual(lines("proto=tcp port=80 from=10.0.0.0/8", ["iptables", "ip6tables"]), ["PREROUTING", "OUTPUT"].map((chain) => `iptables -w -t raw -I ${chain} -s 10.0.0.0/8 -p tcp -m multiport --ports 80 ${mark}`));
    assert.deepEqual(lines("proto=icmp to=fd00::1", ["iptables", "ip6tables"])[0], `ip6tables -w -t raw -I PREROUTING -d fd00::1 -p ipv6-icmp ${mark}`);
    assert.throws(() => lines("", ["iptables"]), { code: "trace/no-packet" });
  });
});
