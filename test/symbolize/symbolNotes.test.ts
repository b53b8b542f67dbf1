import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { buildId } from "../../src/base/brands";
import type { TextSymbols } from "../../src/probes/kernelSymbolsProbe";
import { SymbolNotes } from "../../src/symbolize/symbolNotes";

const id = buildId("ab".repeat(20));
const all: TextSymbols = { span: 0x1000, symbols: [{ name: "a", offset: 0x10, next: 0x20 }, { name: "a", offset: 0x50, next: undefined }, { name: "b", offset: -8, next: 0 }] };
const of = (...names: string[]): TextSymbols => ({ ...all, symbols: all.symbols.filter(({ name }) => names.includes(name)) });

describe("SymbolNotes", () => {
  let folder = "";
  const asked: string[][] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "knetscope-"));
    asked.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const ask = (names: readonly string[]): Promise<TextSymbols> => {
    asked.push([...names]);
    return Promise.resolve(of(...names));
  };

  it("asks for each name once, of all windows, also for those that are not there", async () => {
    assert.deepEqual(await new SymbolNotes(folder, id).find(["a", "none"], ask), of("a"));
    const next = new SymbolNotes(folder, id);
    assert.deepEqual(await next.find(["a", "b", "none"], ask), of("a", "b"));
    assert.deepEqual(await next.find(["b"], ask), of("b"));
    assert.deepEqual(asked, [["a", "none"], ["b"]]);
  });

  it("keeps the clones of a name", async () => {
    const found: TextSymbols = { span: 0x1000, symbols: [{ name: "f", offset: 0, next: 8 }, { name: "f.isra.0", offset: 8, next: undefined }] };
    const answer = (names: readonly string[]): Promise<TextSymbols> => {
      asked.push([...names]);
      return Promise.resolve(found);
    };
    assert.deepEqual(await new SymbolNotes(folder, id).find(["f", "f.cold"], answer), found);
    assert.deepEqual(await new SymbolNotes(folder, id).find(["f", "f.cold"], answer), found);
    assert.deepEqual(asked, [["f", "f.cold"]]);
  });

  it("keeps nothing of a host that does not answer", async () => {
    assert.equal(await new SymbolNotes(folder, id).find(["a"], () => Promise.resolve(undefined)), undefined);
    assert.deepEqual(await new SymbolNotes(folder, id).find(["a"], ask), of("a"));
  });

  it("passes over lines that are damaged", async () => {
    await fc.assert(fc.asyncProperty(fc.string(), async (noise) => {
      writeFileSync(join(folder, id), "");
      await new SymbolNotes(folder, id).find(["a"], ask);
      appendFileSync(join(folder, id), `${noise.replace(/^a /gm, "")}\nb 12 x:y\n`);
      assert.deepEqual(await new SymbolNotes(folder, id).find(["a", "b"], ask), of("a", "b"));
    }), { numRuns: 30 });
  });
});
