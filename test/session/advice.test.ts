import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "../../src/base/errors";
import { advice, adviceFor, areaAdvice } from "../../src/session/advice";

const src = join(import.meta.dirname, "../../src");
const sources = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts") && file !== "session/advice.ts");
const text = sources.map((file) => readFileSync(join(src, file), "utf8")).join("\n");
const codes = new Set([...text.matchAll(/"([a-z]+\/[a-z0-9-]+)"/g)].map((match) => match[1]));
const areas = new Set([...codes].map((code) => code?.split("/")[0]));

describe("advice", () => {
  it("belongs to codes that the source has", () => {
    assert.deepEqual(Object.keys(advice).filter((code) => !codes.has(code)), []);
    assert.deepEqual(Object.keys(areaAdvice).filter((area) => !areas.has(area)), []);
  });

  it("is a sentence", () => {
    for (const sentence of [...Object.values(advice), ...Object.values(areaAdvice)]) assert.match(sentence, /^[A-Z].*[.]$/s, sentence);
  });

  it("is that of the code, else that of its area", () => {
    assert.equal(adviceFor(new DomainError("elf/boot-image", "x")), advice["elf/boot-image"]);
    assert.equal(adviceFor(new DomainError("elf/truncated", "x")), areaAdvice["elf"]);
    assert.equal(adviceFor(new Error("x")), undefined);
  });
});
