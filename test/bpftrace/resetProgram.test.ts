import assert from "node:assert/strict";
import { KernelFields } from "../../src/bpftrace/kernelFields";
import { recordProgram } from "../../src/bpftrace/recordProgram";
import { resetFunctions, resetProbes, type ResetProbe } from "../../src/bpftrace/resetProgram";
import type { TraceFilter } from "../../src/bpftrace/traceFilter";
import { placesOf } from "../support/fieldPlaces";

const all = resetFunctions.map((name) => ({ function: name, reasonArgument: 2 }));
const kernel = new KernelFields(placesOf({ sock: { "__sk_common.skc_dport": 12, "__sk_common.skc_net.net": 48, sk_type: 516, sk_socket: 640 }, inet_sock: { inet_sport: 798 }, net: { "ns.inum": 120 }, socket: { file: 16 } }));
const program = (probes: readonly ResetProbe[], filter: TraceFilter = {}, endianness: "little" | "big" = "little", fields = kernel): string => recordProgram(resetProbes(probes, { filter, endianness, kernel: fields }));

describe("resetProbes", () => {
  it("probe what they are given", () => {
    const text = program([{ function: "tcp_v6_send_reset" }]);
    assert.deepEqual(text.match(/^kprobe:\S+ \{/gm), ["kprobe:tcp_v6_send_reset {"]);
    assert.doesNotMatch(text, /arg2/);
  });

  it("filter by port, by process and by namespace", () => {
    assert.match(program(all, { port: 80 }), /\*\(uint16 \*\)\(\$th \+ 0\) == 20480 \|\| \*\(uint16 \*\)\(\$th \+ 2\) == 20480/);
    assert.match(program(all, { port: 80 }, "big"), /\*\(uint16 \*\)\(\$sk \+ 798\) == 80 \|\| \*\(uint16 \*\)\(\$sk \+ 12\) == 80/);
    assert.match(program([{ function: "nf_send_reset" }], { netns: 4026531840, pid: 5 }), /if \(\(\(\$flags & 4\) == 0\) && \(pid == 5\) && \(\*\(uint32 \*\)\(arg0 \+ 120\) == 4026531840\)\)/);
  });

  it("cannot filter by namespace where the kernel's types do not tell it", () => {
    assert.throws(() => program([{ function: "tcp_send_active_reset" }], { netns: 4026531840 }, "little", new KernelFields(() => undefined)), /does not know network namespaces/);
  });

  it("take the arguments that the target's types say", () => {
    const text = program([{ function: "tcp_send_active_reset", reasonArgument: 1 }, { function: "nf_send_reset", packetArgument: 1 }]);
    assert.match(text, /arg1, pid, kstack/);
    assert.match(text, /\$skb = arg1;/);
  });

  it("look at what passes by its flags, and leave the kernel's own resets out", () => {
    const text = program([{ function: "ip_forward" }, { function: "ip6_output" }]);
    assert.match(text, /kprobe:ip_forward \{[^}]*\$skb = arg0;[^]*?\(\$ip \+ 9\) == 6\) && \(\(\$flags & 4\) != 0\)\) \{/);
    assert.match(text, /kprobe:ip6_output \{[^]*\(\$ip \+ 6\) == 6\) && \(\(\$flags & 4\) != 0\) && \(\*\(uint16 \*\)\(arg1 \+ 516\) == 3\) && \(\*\(uint64 \*\)\(\*\(uint64 \*\)\(arg1 \+ 640\) \+ 16\) != 0\)/);
  });

  it("ask what connection tracking knows only where that can be told", () => {
    const names = ["tcp_v4_send_reset", "tcp_v6_send_reset"] as const;
    const fields = (withTracking: boolean) => resetProbes(names.map((name) => ({ function: name })), { filter: {}, endianness: "little", kernel: withTracking ? new KernelFields(() => 0) : kernel })
      .flatMap(({ shapes }) => shapes.flatMap((shape) => shape.fields.map(([name]) => name))).filter((name) => name === "nfct");
    assert.deepEqual([fields(true).length, fields(false).length], [1, 0]);
  });

  it("have a name once for every value", () => {
    for (const { shapes } of resetProbes(all, { filter: {}, endianness: "little", kernel: new KernelFields(() => 0) })) for (const { fields } of shapes) assert.equal(new Set(fields.map(([name]) => name)).size, fields.length);
  });
});
