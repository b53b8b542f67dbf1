import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { vaddr } from "../../../src/base/brands";
import { describeError } from "../../../src/base/errors";
import { foldedText } from "../../../src/stacks/exchange/folded";
import { perfScriptText } from "../../../src/stacks/exchange/perfScript";
import { readStacks } from "../../../src/stacks/exchange/readStacks";
import { speedscopeFile, speedscopeText } from "../../../src/stacks/exchange/speedscope";
import { stacksJson } from "../../../src/stacks/exchange/stacksJson";
import { stackFileFormats, writeStacks } from "../../../src/stacks/exchange/writeStacks";
import { foldStacks } from "../../../src/stacks/model/foldStacks";
import { weighStack, type WeightedFrame, type WeightedStack } from "../../../src/stacks/model/weightedStack";
import { parseStacks } from "../../../src/stacks/parseStacks";
import { drawnStacks } from "../../support/drawnStacks";
import { symbols } from "../../support/symbols";

const fixtures = join(import.meta.dirname, "../../fixtures/stacks");
const texts = readdirSync(fixtures).filter((name) => name.endsWith(".txt")).map((name) => [name, readFileSync(join(fixtures, name), "utf8")] as const);
const again = (text: string): readonly WeightedStack[] => readStacks(text).stacks.map(weighStack);

/** What the schema of speedscope asks of a file with sampled profiles, said in our own words: required fields, their types, and indexes in range. */
function checkSchema(file: ReturnType<typeof speedscopeFile>): void {
  assert.equal(file.$schema, "https://www.speedscope.app/file-format-schema.json");
  assert.deepEqual(Object.keys(file).sort(), ["$schema", "activeProfileIndex", "exporter", "name", "profiles", "shared"]);
  for (const frame of file.shared.frames) {
    assert.equal(typeof frame.name, "string");
    assert.ok(Object.keys(frame).every((key) => ["name", "file", "line", "col"].includes(key)));
    assert.ok(frame.line === undefined || (Number.isInteger(frame.line) && frame.line > 0));
  }
  for (const profile of file.profiles) {
    assert.deepEqual(Object.keys(profile).sort(), ["endValue", "name", "samples", "startValue", "type", "unit", "weights"]);
    assert.equal(profile.samples.length, profile.weights.length);
    assert.ok(profile.samples.flat().every((index) => Number.isInteger(index) && index >= 0 && index < file.shared.frames.length));
    assert.equal(profile.endValue - profile.startValue, profile.weights.reduce((sum, weight) => sum + weight, 0));
  }
}

describe("stack files", () => {
  it("folded", () => {
    assert.equal(foldedText(drawnStacks("a b ~c 3\na b ~c 2\na d 1")), "a;b;c_[i] 5\na;d 1\n");
  });

  it("speedscope: frames once, samples outermost first", () => {
    const file = speedscopeFile(drawnStacks("a b@f.c:1 3\na c 2"), "resets");
    assert.deepEqual(file.shared.frames, [{ name: "a" }, { name: "b", file: "f.c", line: 1 }, { name: "c" }]);
    assert.deepEqual(file.profiles[0], { type: "sampled", name: "resets", unit: "none", startValue: 0, endValue: 5, samples: [[0, 1], [0, 2]], weights: [3, 2] });
    checkSchema(file);
  });

  it("perf script", () => {
    const stacks: readonly WeightedStack[] = [{ frames: [{ name: "a", offset: 1 }, { name: "b", module: "nf_tables", offset: 0x10, address: vaddr(0xffffffffc0100010n) }], count: 7 }];
    assert.equal(perfScriptText(stacks), "kernel 0 [000] 0.000000: 7 knetscope:stacks: \n\tffffffffc0100010 b+0x10 ([nf_tables])\n\t0000000000000000 a+0x1 ([kernel.kallsyms])\n\n");
  });

  for (const [name, text] of texts) {
    it(`${name}: our JSON gives every stack back as it was read`, () => {
      const { stacks } = parseStacks(text);
      assert.deepEqual(readStacks(stacksJson(stacks)).stacks, stacks);
    });
  }

  const modules = fc.constantFrom("nf_tables", "tls");
  const named = fc.record({ name: symbols.filter((name) => !/^0x/.test(name)) }, { noNullPrototype: true });
  const placed = fc.record({ name: symbols, module: modules, inlined: fc.constant(true as const),
    source: fc.record({ file: fc.constantFrom("net/a.c", "b.h"), line: fc.integer({ min: 1, max: 9999 }) }, { noNullPrototype: true }) }, { requiredKeys: ["name"], noNullPrototype: true });
  const addressed = fc.record({ name: symbols, offset: fc.nat(5000), module: modules, address: fc.bigInt(0xffff800000000000n, 0xffffffffffffffffn).map(vaddr) }, { requiredKeys: ["name", "offset"], noNullPrototype: true });
  const stacksOf = (frame: fc.Arbitrary<WeightedFrame>) => fc.array(fc.record({ frames: fc.array(frame, { minLength: 2, maxLength: 8 }), count: fc.integer({ min: 1, max: 1e9 }) }, { noNullPrototype: true }), { minLength: 1, maxLength: 8 });

  it("what is written as folded stacks is read again", () => {
    fc.assert(fc.property(stacksOf(named), (stacks) => assert.deepEqual(again(foldedText(stacks)), foldStacks(stacks))));
  });
  it("what is written as speedscope is read again, and the file is as its schema says", () => {
    fc.assert(fc.property(stacksOf(placed), (stacks) => {
      checkSchema(speedscopeFile(stacks, "x"));
      assert.deepEqual(again(speedscopeText(stacks, "x")), stacks);
    }));
  });
  it("what is written as perf script is read again", () => {
    fc.assert(fc.property(stacksOf(addressed), (stacks) => assert.deepEqual(again(perfScriptText(stacks)), stacks)));
  });

  it("every format of every capture can be written and read", () => {
    for (const [name, text] of texts) {
      const { stacks } = parseStacks(text);
      for (const format of stackFileFormats) {
        const read = readStacks(writeStacks(stacks, format, name)).stacks;
        const long = stacks.filter(({ frames }) => frames.length > 1);
        assert.ok(read.length > 0 || long.length === 0, `${name} as ${format}`);
      }
    }
  });

  it("says where a file is not as it should be", () => {
    const failure = (text: string): string => {
      try {
        return String(readStacks(text).stacks.length);
      } catch (error) {
        return describeError(error);
      }
    };
    assert.match(failure('{"format":"knetscope-stacks","version":1,"stacks":[{"frames":[{"kind":"x"}]}]}'), /stacks\[0\]\.frames\[0\]/);
    assert.match(failure('{"format":"knetscope-stacks","version":2,"stacks":[]}'), /version 2/);
    assert.match(failure('{"shared":{"frames":[]},"profiles":[{"type":"sampled","samples":[[3]],"weights":[1]}]}'), /profiles\[0\]\.samples\[0\]/);
    assert.match(failure('{"shared":{"frames":[]},"profiles":[{"type":"evented"}]}'), /events in time/);
  });

  it("damaged files are errors of their own kind, or texts without stacks", () => {
    const files = [stacksJson(parseStacks(texts[0]![1]).stacks), speedscopeText(drawnStacks("a b@f.c:1 3\na c 2"), "x")];
    fc.assert(fc.property(fc.constantFrom(...files), fc.nat(3000), fc.string({ maxLength: 5 }), (file, at, noise) => {
      try {
        readStacks(file.slice(0, at) + noise + file.slice(at + 2));
      } catch (error) {
        assert.match((error as { code?: string }).code ?? "", /^stacks\/bad-/);
      }
    }));
  });
});
