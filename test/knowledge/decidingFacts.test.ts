import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { decidingFacts } from "../../src/knowledge/decidingFacts";
import { explainReset } from "../../src/knowledge/explainReset";
import { resetKinds, type ChainFrame, type ResetFacts } from "../../src/knowledge/resetFacts";

const stacks = ["6.1", "6.12"].flatMap((kernel) => JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/resets/${kernel}.json`), "utf8")) as readonly { readonly stack: readonly string[] }[])
  .map(({ stack }) => stack.map((frame): ChainFrame => ({ symbol: frame.split("+")[0] ?? "", frames: [] })));

const some = <T>(values: readonly T[]) => fc.constantFrom(...values);
const place = fc.record({ address: some(["10.0.0.1", "2001:db8::1"]), port: fc.nat(65535) });
const maybe = { requiredKeys: [] };
const socket = fc.record({ state: some(["LISTEN", "SYN-SENT", "SYN-RECV", "NEW-SYN-RECV", "TIME-WAIT", "FIN-WAIT-2", "ESTAB", "UNCONN"]), hasOwner: fc.boolean(), linger2: fc.integer({ min: -2, max: 2 }), substate: some(["FIN-WAIT-2", "TIME-WAIT"]) }, { requiredKeys: ["state"] });
const packet = fc.record({ flags: fc.subarray(["FIN", "SYN", "RST", "PSH", "ACK", "URG"]), source: place, destination: place, payload: fc.nat(3) }, { requiredKeys: ["flags"] });
const reasons = ["NO_SOCKET", "TCP_TIMEWAIT_SOCKET", "TCP_FLAGS", "TCP_ABORT_ON_DATA", "TCP_ABORT_ON_CLOSE", "TCP_ABORT_ON_LINGER", "TCP_ABORT_ON_MEMORY", "TCP_KEEPALIVE_TIMEOUT", "MPTCP_RST_EMPTCP", "NOT_SPECIFIED"];
const facts: fc.Arbitrary<ResetFacts> = fc.tuple(some(resetKinds), fc.record({
  socket, packet, conntrack: some(["none", "entry", "untracked"] as const), nearby: fc.record({ local: place, remote: place, state: some(["ESTAB", "LISTEN"]) }), reason: some(reasons),
  process: fc.record({ pid: fc.nat(9), name: some(["a", "b"]), isOwner: fc.boolean() }), complete: fc.boolean(),
}, maybe)).map(([kind, rest]) => ({ kind, ...rest }));

/** Another event that is equal in what decides. */
const another = ({ socket: own, packet: answered, nearby, ...rest }: ResetFacts, pid: number): ResetFacts => ({
  ...rest,
  ...(own && { socket: { ...own, ...(own.substate === undefined ? {} : { substate: "TIME-WAIT" }), ...(own.linger2 === undefined ? {} : { linger2: own.linger2 < 0 ? own.linger2 - 7 : own.linger2 + 7 }) } }),
  ...(answered && { packet: { flags: [...answered.flags.filter((flag) => flag === "SYN" || flag === "ACK"), "URG"], payload: answered.payload ? answered.payload + pid : 0 } }),
  ...(nearby && { nearby: { local: { address: "::1", port: pid }, remote: { address: "::1" }, state: "CLOSE-WAIT" } }),
  process: { pid, name: `p${pid}`, isOwner: pid % 2 === 0 },
});

describe("decidingFacts", () => {
  it("are all that a cause hangs on, for every recorded stack", () => {
    fc.assert(fc.property(some(stacks), facts, fc.nat(1000), (stack, first, pid) => {
      const second = another(first, pid);
      assert.equal(decidingFacts(second), decidingFacts(first));
      const [one, other] = [explainReset(first, stack).cause, explainReset(second, stack).cause];
      assert.deepEqual([other.id, other.title, other.expected], [one.id, one.title, one.expected]);
    }), { numRuns: 3000 });
  });

  it("part what the rules tell apart", () => {
    fc.assert(fc.property(some(stacks), facts, facts, (stack, one, other) => {
      if (explainReset(one, stack).cause.id !== explainReset(other, stack).cause.id) assert.notEqual(decidingFacts(one), decidingFacts(other));
    }), { numRuns: 3000 });
  });
});
