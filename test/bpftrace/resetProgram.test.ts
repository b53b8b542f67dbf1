import assert from "node:assert/strict";
import { recordProgram } from "../../src/bpftrace/recordProgram";
import { resetFunctions, resetProbes, type ResetProbe } from "../../src/bpftrace/resetProgram";
import type { TraceFilter } from "../../src/bpftrace/traceFilter";

const all = resetFunctions.map((name) => ({ function: name, reasonArgument: 2 }));
const program = (probes: readonly ResetProbe[], filter: TraceFilter = {}, endianness: "little" | "big" = "little"): string => recordProgram(resetProbes(probes, filter, endianness));

describe("resetProbes", () => {
  it("probe what they are given", () => {
    const text = program([{ function: "tcp_v6_send_reset" }]);
    assert.deepEqual(text.match(/^kprobe:\S+ \{/gm), ["kprobe:tcp_v6_send_reset {"]);
    assert.doesNotMatch(text, /arg2/);
  });

  it("filter by port, by process and by namespace", () => {
    assert.match(program(all, { port: 80 }), /\$th->source == 20480 \|\| \$th->dest == 20480/);
    assert.match(program(all, { port: 80 }, "big"), /inet_sport == 80 \|\| \$sk->__sk_common\.skc_dport == 80/);
    assert.match(program([{ function: "nf_send_reset" }], { netns: 4026531840, pid: 5 }), /if \(\(\(\$flags & 4\) == 0\) && \(pid == 5\) && \(\(\(struct net \*\)arg0\)->ns\.inum == 4026531840\)\)/);
  });

  it("take the arguments that the target's types say", () => {
    const text = program([{ function: "tcp_send_active_reset", reasonArgument: 1 }, { function: "nf_send_reset", packetArgument: 1 }]);
    assert.match(text, /arg1, pid, kstack/);
    assert.match(text, /\$skb = \(struct sk_buff \*\)arg1/);
  });

  it("look at what passes by its flags, and leave the kernel's own resets out", () => {
    const text = program([{ function: "ip_forward" }, { function: "ip6_output" }]);
    assert.match(text, /kprobe:ip_forward \{[^}]*\$skb = \(struct sk_buff \*\)arg0;[^]*?->protocol == 6\) && \(\(\$flags & 4\) != 0\)\) \{/);
    assert.match(text, /kprobe:ip6_output \{[^]*nexthdr == 6\) && \(\(\$flags & 4\) != 0\) && \(\(\(struct sock \*\)arg1\)->sk_type == 3\) && \(\(uint64\)\(\(struct sock \*\)arg1\)->sk_socket->file != 0\)/);
  });

  it("ask what connection tracking knows only where that can be told", () => {
    const names = ["tcp_v4_send_reset", "tcp_v6_send_reset"] as const;
    assert.equal(program(names.map((name) => ({ function: name, hasConntrack: true }))).match(/_nfct/g)?.length, 1);
    assert.doesNotMatch(program(names.map((name) => ({ function: name }))), /_nfct/);
  });

  it("have a name once for every value", () => {
    for (const { shapes } of resetProbes(all, {}, "little")) for (const { fields } of shapes) assert.equal(new Set(fields.map(([name]) => name)).size, fields.length);
  });
});
