import assert from "node:assert/strict";
import { functionProgram, placeProgram, type EntryStyle, type ProbedFunction } from "../../src/bpftrace/frameProgram";

const receive: ProbedFunction = { symbol: "tcp_v4_rcv", prototype: { text: "int tcp_v4_rcv(struct sk_buff *skb)", parameters: [{ name: "skb", type: "struct sk_buff *", is: "pointer" }] } };
const chain: ProbedFunction = {
  symbol: "nft_do_chain", module: "nf_tables",
  prototype: { text: "unsigned int nft_do_chain(struct nft_pktinfo *pkt, void *priv)", parameters: [{ name: "pkt", type: "struct nft_pktinfo *", is: "pointer" }, { name: "priv", type: "void *", is: "pointer" }] },
};
const target = (minor: number) => ({ release: "6.1.0", version: { major: 0, minor, patch: 0 } });
const place = { offset: 0x99b, source: "net/ipv4/tcp_ipv4.c:2103", afterCall: true };

describe("a program from a frame", () => {
  it("probes a function by the name that the target's bpftrace has for it", () => {
    for (const [minor, style, probe] of [[17, "fentry", "kfunc:tcp_v4_rcv"], [20, "fentry", "fentry:tcp_v4_rcv"], [26, "kprobe", "kprobe:tcp_v4_rcv"]] as const) {
      assert.match(functionProgram(receive, target(minor), style), new RegExp(`^${probe}$`, "m"));
    }
    assert.match(functionProgram(chain, target(17), "fentry"), /^kfunc:nf_tables:nft_do_chain$/m);
  });
  it("names arguments, or casts them, or does without", () => {
    const texts = (["fentry", "kprobe", "plain"] as const).map((style: EntryStyle) => /printf\((.*)\);/.exec(functionProgram(receive, target(17), style))?.[1]);
    assert.deepEqual(texts, [
      String.raw`"%-16s %6d skb=%p\n", comm, pid, args->skb`,
      String.raw`"%-16s %6d skb=%p\n", comm, pid, (struct sk_buff *)arg0`,
      String.raw`"%-16s %6d\n", comm, pid`,
    ]);
  });
  it("stops at a structure by value: what comes after it lies in other registers", () => {
    const parameters = [{ name: "a", type: "int", is: "number" }, { name: "b", type: "struct path", is: undefined }, { name: "c", type: "int", is: "number" }] as const;
    assert.match(functionProgram({ symbol: "f", prototype: { text: "f", parameters } }, target(17), "kprobe"), /printf\("%-16s %6d a=%d\\n", comm, pid, arg0\)/);
  });
  it("keeps the arguments for a place inside, and lets go of them as that version spells it", () => {
    const old = placeProgram(receive, place, target(17), "fentry");
    assert.match(old, /^\/\/ net\/ipv4\/tcp_ipv4\.c:2103: tcp_v4_rcv\+0x99b, when the call there has returned\.$/m);
    assert.match(old, /^kprobe:tcp_v4_rcv\+2459\n\/@entered\[tid\]\/$/m);
    assert.match(old, /^kretfunc:tcp_v4_rcv\n\{\n {2}delete\(@entered\[tid\]\);\n {2}delete\(@skb\[tid\]\);\n\}$/m);
    assert.match(placeProgram(receive, place, target(22), "kprobe"), /^kretprobe:tcp_v4_rcv\n\{\n {2}delete\(@entered, tid\);/m);
  });
});
