import assert from "node:assert/strict";
import { recordFields, resetFunctions, resetProgram } from "../../src/bpftrace/resetProgram";

const all = resetFunctions.map((name) => ({ function: name, reasonArgument: 2 }));

describe("resetProgram", () => {
  it("probes what it is given, and ticks", () => {
    const program = resetProgram({ probes: [{ function: "tcp_v6_send_reset" }], endianness: "little" });
    assert.deepEqual(program.match(/^\S+ \{/gm), ["kprobe:tcp_v6_send_reset {", "interval:ms:200 {"]);
    assert.doesNotMatch(program, /arg2|if \(/);
  });

  it("filters by port as it lies in the target's memory", () => {
    assert.match(resetProgram({ probes: all, endianness: "little", port: 80 }), /\$th->source == 20480 \|\| \$th->dest == 20480/);
    assert.match(resetProgram({ probes: all, endianness: "big", port: 80 }), /inet_sport == 80 \|\| \$sk->__sk_common\.skc_dport == 80/);
  });

  it("takes the arguments that the target's types say", () => {
    const program = resetProgram({ probes: [{ function: "tcp_send_active_reset", reasonArgument: 1 }, { function: "nf_send_reset", packetArgument: 1 }], endianness: "little" });
    assert.match(program, /arg1, pid, kstack/);
    assert.match(program, /\$skb = \(struct sk_buff \*\)arg1/);
  });

  it("prints as many values as its records have names", () => {
    for (const probe of resetFunctions) {
      const format = /printf\("([^"]*)"/.exec(resetProgram({ probes: [{ function: probe }], endianness: "little" }))?.[1] ?? "";
      assert.equal(format.split("\\n")[0]?.split("|").length, recordFields(probe).length + 1);
    }
  });

  it("uses nothing that some version since 0.9.4 does not read", () => {
    const program = resetProgram({ probes: all, endianness: "little", port: 443 });
    assert.doesNotMatch(program, /BEGIN|END|config|fentry|kfunc|args\.|@|\blet\b|kstack\(raw/);
  });

  it("refuses no probes and what is no port", () => {
    assert.throws(() => resetProgram({ probes: [], endianness: "little" }), RangeError);
    for (const port of [0, 65536, 1.5, NaN]) assert.throws(() => resetProgram({ probes: all, endianness: "little", port }), RangeError);
  });
});
