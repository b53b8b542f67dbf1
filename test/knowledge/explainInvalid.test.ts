import assert from "node:assert/strict";
import fc from "fast-check";
import { explainInvalid } from "../../src/knowledge/explainInvalid";

const tcp = { transport: "TCP", flags: ["ACK", "PSH"], isCertain: true };
const causeOf = (reason: string) => explainInvalid({ ...tcp, reason }).cause.id;

describe("explainInvalid", () => {
  it("knows the kernel's words, old and new", () => {
    const known: readonly (readonly [string, string])[] = [
      ["SEQ is over upper bound 1618951547 (over the window of the receiver)", "seq-over-window"], ["SEQ is over the upper bound (over the window of the receiver)", "seq-over-window"],
      ["1460 bytes more than expected", "seq-over-window"], ["ACK is over upper bound 5 (ACKed data not seen yet)", "ack-over-window"],
      ["SEQ is under lower bound 1618820980 (already ACKed data retransmitted)", "seq-old"], ["ignored ACK under lower bound 7 (possible overly delayed)", "ack-old"],
      ["ACK is under the lower bound (possible overly delayed ACK)", "ack-old"], ["invalid rst", "bad-rst"], ["packet (index 2) in dir 0 ignored, state ESTABLISHED", "let-pass"],
      ["packet (index 3) in dir 1 invalid, state SYN_SENT", "wrong-state"], ["invalid new", "no-entry"], ["invalid tcp flag combination", "bad-flags"], ["bad checksum", "bad-checksum"],
      ["ICMPv6 checksum failed", "bad-checksum"], ["truncated packet", "malformed"], ["short packet", "malformed"], ["outer daddr 10.0.0.1 != inner 10.0.0.2", "icmp"], ["words of a later kernel", "other"],
    ];
    assert.deepEqual(known.map(([reason]) => causeOf(reason)), known.map(([, id]) => id));
  });

  it("says that NAT is not applied, and the price of being liberal", () => {
    const { cause, citation, evidence } = explainInvalid({ ...tcp, reason: "SEQ is over upper bound 1 (over the window of the receiver)" });
    assert.match(cause.detail, /NAT is not applied.*nf_conntrack_tcp_be_liberal=1.*price/);
    assert.match(citation ?? "", /nf_conntrack_proto_tcp\.c/);
    assert.match(evidence.join(), /over upper bound 1/);
    assert.deepEqual([cause.confidence, cause.expected], ["certain", undefined]);
  });

  it("does not blame what was let pass", () => {
    const { cause } = explainInvalid({ ...tcp, isCertain: false, reason: "SEQ is under lower bound 1 (already ACKed data retransmitted)" });
    assert.equal(cause.expected, true);
    assert.doesNotMatch(cause.detail, /NAT is not applied/);
    assert.equal(explainInvalid({ ...tcp, reason: "SEQ is under lower bound 1 (already ACKed data retransmitted)" }).cause.expected, undefined);
  });

  it("goes by the flags where there is no reason", () => {
    const without = (flags: readonly string[], more: object = {}) => explainInvalid({ transport: "TCP", flags, isCertain: true, ...more }).cause;
    assert.deepEqual([without(["RST"], { leaves: true }).id, without(["RST"]).id, without(["SYN", "ACK"]).id, without(["ACK"]).id], ["own-reset", "no-entry", "no-entry", "unknown"]);
    assert.equal(without(["ACK"]).confidence, "low");
    assert.equal(explainInvalid({ transport: "ICMPv6", isCertain: true }).cause.id, "icmp");
  });

  it("has an answer to any words", () => fc.assert(fc.property(fc.string(), fc.boolean(), (reason, isCertain) => assert.ok(explainInvalid({ ...tcp, isCertain, reason }).cause.title.length > 0))));
});
