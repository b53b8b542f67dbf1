import assert from "node:assert/strict";
import fc from "fast-check";
import { errorCode } from "../../src/base/errors";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { localTarget } from "../../src/target/localTarget";

/** As the bare lab target answers: busybox 1.35, no os-release, applets without files. */
const bare = `@uname
6.1.0-56-cloud-amd64
#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-30)
x86_64
@kallsyms
0000000000000000 A fixed_percpu_data
@elf
 7f 45 4c 46 02 01
@notes
 04 00 00 00 14 00 00 00 03 00 00 00 47 4e 55 00
 3b 43 fa d5 03 48 74 49 04 92 49 55 52 c0 af 6a
 5f ab 23 50 06 00 00 00 04 00 00 00 01 01 00 00
@boot
ca41d4d4-94ab-4bf8-a3cf-359f8c4facac
@user
0
root
@programs
od
/usr/sbin/modprobe
@os
@end
`;

const parse = (text: string): ReturnType<typeof hostFactsProbe.parse> => hostFactsProbe.parse({ code: 0, stdout: Buffer.from(text), stderr: "" });

describe("hostFactsProbe", () => {
  it("reads a bare host", () => {
    assert.deepEqual(parse(bare), {
      release: "6.1.0-56-cloud-amd64",
      version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-30)",
      machine: "x86_64",
      endianness: "little",
      wordSize: 8,
      os: { name: "linux", id: "linux", versionId: "" },
      buildId: "3b43fad5034874490492495552c0af6a5fab2350",
      bootId: "ca41d4d4-94ab-4bf8-a3cf-359f8c4facac",
      uid: 0,
      user: "root",
      programs: { od: "od", modprobe: "/usr/sbin/modprobe" },
    });
  });

  it("reads os-release with its quotes", () => {
    const os = `@os\nPRETTY_NAME="A \\"quoted\\" name"\nID=debian\nVERSION_ID='12'\n@end`;
    assert.deepEqual(parse(bare.replace("@os\n@end", os)).os, { name: 'A "quoted" name', id: "debian", versionId: "12" });
  });

  it("takes byte order and word size from the kernel and the init program", () => {
    const big = bare.replace("7f 45 4c 46 02 01", "7f 45 4c 46 01 02").replace("0000000000000000 A", "00000000 A");
    const bigNotes = " 00 00 00 04 00 00 00 08 00 00 00 03 47 4e 55 00 01 02 03 04 05 06 07 08\n";
    const facts = parse(big.replace(/(?<=@notes\n)(.*\n){3}/, bigNotes));
    assert.deepEqual([facts.endianness, facts.wordSize, facts.buildId], ["big", 4, "0102030405060708"]);
    assert.equal(parse(bare.replace("0000000000000000 A fixed_percpu_data", "")).wordSize, 8);
  });

  it("does without a build id", () => {
    assert.equal("buildId" in parse(bare.replace(/(?<=@notes\n)(.*\n){3}/, "")), false);
  });

  it("fails in words when the answer is cut or foreign", () => {
    assert.throws(() => parse(bare.slice(0, -6)), (error) => errorCode(error) === "probe/bad-answer");
    assert.throws(() => hostFactsProbe.parse({ code: 1, stdout: Buffer.from("This account is currently not available.\n"), stderr: "" }), /did not tell about itself: exit status 1/);
  });

  it("never fails but with its own error", () => {
    const damaged = fc.tuple(fc.array(fc.tuple(fc.nat(bare.length), fc.string())), fc.boolean()).map(([edits]) => edits.reduce((text, [at, insert]) => text.slice(0, at) + insert + text.slice(at + insert.length), bare));
    fc.assert(
      fc.property(damaged, (text) => {
        try {
          parse(text);
        } catch (error) {
          assert.equal(errorCode(error), "probe/bad-answer");
        }
      }),
    );
  });

  it("knows this machine", async () => {
    const target = localTarget();
    const facts = await runProbe(target, hostFactsProbe).finally(() => target.dispose());
    assert.equal(facts.uid, process.getuid?.());
    assert.match(facts.release, /^\d+\.\d+/);
    assert.match(facts.bootId, /^[0-9a-f-]{36}$/);
    assert.ok(facts.programs.dd?.endsWith("/dd"));
  });
});
