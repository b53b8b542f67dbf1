import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { kernelSymbolsProbe, type TextSymbols } from "../../src/probes/kernelSymbolsProbe";
import { runProbe } from "../../src/probes/probe";
import { localTarget } from "../../src/target/localTarget";

const target = localTarget({ sudoPassword: () => Promise.resolve(undefined) });
const text = `0000000000000000 A fixed_percpu_data
0000000000012345 A per_cpu_thing
ffffffff81000000 T _stext
ffffffff81000000 T _text
ffffffff81000050 t helper
ffffffff81000050 t alias
ffffffff81000060 t other
ffffffff81000070 t helper
ffffffff81001000 T _etext
ffffffffc0a00000 t helper	[netmod]
ffffffffc0900000 t lower	[netmod]
`;

describe("kernelSymbolsProbe", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  after(async () => {
    rmSync(folder, { recursive: true });
    await target.dispose();
  });

  const ask = (content: string, ...names: string[]): Promise<TextSymbols | undefined> => {
    const file = join(folder, "kallsyms");
    writeFileSync(file, content);
    const probe = kernelSymbolsProbe(names, file);
    return runProbe(target, { ...probe, command: { ...probe.command, privilege: "user" } });
  };
  const show = (found: TextSymbols | undefined, ...names: string[]): unknown => found?.symbols.filter(({ name }) => names.includes(name)).map(({ name, offset, next }) => [name, offset, next]);

  it("gives every place of a name in the kernel itself, with where the next symbol begins", async () => {
    const found = await ask(text, "helper", "alias", "absent", "lower");
    assert.equal(found?.span, 0x1000);
    assert.deepEqual(show(found, "helper", "alias", "absent", "lower"), [["helper", 0x50, 0x60], ["alias", 0x50, 0x60], ["helper", 0x70, 0x1000]]);
  });

  it("gives a function for its clone, and clones for their function", async () => {
    const clones = text.replace("t alias", "t other.isra.0").replace("helper\nffffffff81001000", "helper.cold\nffffffff81001000");
    assert.deepEqual((await ask(clones, "other.isra.7", "helper"))?.symbols.map(({ name }) => name).sort(), ["_etext", "_stext", "helper", "helper.cold", "other", "other.isra.0"]);
  });

  it("is undefined where addresses are hidden, out of order, or the text has no bounds", async () => {
    assert.equal(await ask(text.replace(/^[0-9a-f]{16}/gm, "0".repeat(16)), "helper"), undefined);
    assert.equal(await ask(`${text.split("\n").slice(0, 7).reverse().join("\n")}\n`, "helper"), undefined);
    assert.equal(await ask(text.replace("_etext", "etext"), "helper"), undefined);
  });

  it("agrees with a reader of the whole file", async () => {
    const names = fc.constantFrom("a", "b", "c.isra.0", "d$x");
    // Digits only as well: awk must not take them for numbers.
    const addresses = fc.uniqueArray(fc.bigInt({ min: 0x1000_0000_0000_0000n, max: 0x9999_0000_0000_0000n }), { minLength: 3, maxLength: 12 });
    await fc.assert(fc.asyncProperty(addresses, fc.array(names, { minLength: 12, maxLength: 12 }), fc.subarray(["a", "b", "c.isra.0", "d$x"]), async (places, all, wanted) => {
      const sorted = [...places].sort((x, y) => (x < y ? -1 : 1)).map((address, index, list) => ({ address, name: index === 0 ? "_stext" : index === list.length - 1 ? "_etext" : all[index]! }));
      const found = await ask(sorted.map(({ address, name }) => `${address.toString(16).padStart(16, "0")} t ${name}\n`).join(""), ...wanted);
      const start = sorted[0]!.address;
      const expected = sorted.flatMap(({ address, name }, index) => (wanted.includes(name) ? [[name, Number(address - start), Number(sorted[index + 1]!.address - start)]] : []));
      assert.deepEqual(show(found, ...wanted), expected);
    }), { numRuns: 15 });
  });

  it("does nothing worse to damaged answers than to give none", () => {
    const probe = kernelSymbolsProbe(["a"]);
    fc.assert(fc.property(fc.string(), (noise) => void probe.parse({ code: 0, stdout: Buffer.from(noise), stderr: "" })));
    assert.equal(probe.parse({ code: 127, stdout: Buffer.from(""), stderr: "awk: not found" }), undefined);
  });
});
