import assert from "node:assert/strict";
import fc from "fast-check";
import { parseDropEventLine } from "../../src/knowledge/dropEventLine";
import { explainText } from "../../src/session/explainText";

const explained = async (text: string): Promise<readonly (readonly [string | undefined, string | undefined])[]> =>
  (await explainText(text, {})).map(({ explanation }) => [explanation?.cause.id, explanation?.cause.confidence]);

describe("the cause of a drop, from text", () => {
  it("by the reason in perf's line above the stack", async () => {
    assert.deepEqual(await explained(`swapper     0 [001]   184.551232: skb:kfree_skb: skbaddr=0xffff8a2f0b2a3400 protocol=2048 location=0xffffffff9d4a1c3b reason: NO_SOCKET
        ffffffff9d3b6a91 kfree_skb_reason+0x91 ([kernel.kallsyms])
        ffffffff9d4a1c3b __udp4_lib_rcv+0x9bb ([kernel.kallsyms])
        ffffffff9d45f092 ip_protocol_deliver_rcu+0x32 ([kernel.kallsyms])
`), [["NO_SOCKET", "certain"]]);
  });
  it("by that of ftrace, whose stack has a line of its own between", async () => {
    assert.deepEqual(await explained(`          <idle>-0       [000] ..s2.   184.551232: kfree_skb: skbaddr=00000000b1c2d3e4 protocol=2048 location=nf_hook_slow+0xa6/0xc0 reason: NETFILTER_DROP
          <idle>-0       [000] ..s2.   184.551240: <stack trace>
 => kfree_skb_reason
 => nf_hook_slow
 => ip_local_deliver
`), [["NETFILTER_DROP", "certain"]]);
  });
  it("by the place, where only the stack was recorded", async () => {
    const text = "@[\n    kfree_skb_reason+1\n    nf_hook_slow+166\n    ip_local_deliver+200\n]: 12\n";
    assert.deepEqual(await explained(text), [["NETFILTER_DROP", "likely"]]);
    assert.deepEqual((await explainText(text, {}))[0]?.explanation?.evidence[0], "No reason was recorded.");
  });
  it("not of a packet that was consumed", async () => assert.deepEqual(await explained("@[\n    consume_skb+1\n    arp_process+166\n]: 12\n"), [[undefined, undefined]]));
});

describe("parseDropEventLine", () => {
  it("reads the reason, and its absence on kernels before 5.17", () => {
    assert.deepEqual(parseDropEventLine("x: kfree_skb: skbaddr=0xffff protocol=2048 location=0xffff"), {});
    assert.deepEqual(parseDropEventLine("0xffff8a2f 3 <empty> kfree_skb_reason(SKB_DROP_REASON_TCP_CSUM)"), { reason: "TCP_CSUM" });
    assert.equal(parseDropEventLine("x: consume_skb: skbaddr=0xffff"), undefined);
  });
  it("never throws", () => fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseDropEventLine(`kfree_skb: skbaddr=${text}`))));
});
