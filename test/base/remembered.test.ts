import assert from "node:assert/strict";
import { remembered, rememberedLongText, rememberedText } from "../../src/base/remembered";

describe("remembered", () => {
  it("works once for each object, not for equal ones", () => {
    let worked = 0;
    const size = remembered((list: readonly number[]) => (worked++, list.length));
    const list = [1, 2];
    assert.deepEqual([size(list), size(list), size([1, 2]), worked], [2, 2, 2, 2]);
  });
  it("keeps at most so many texts", () => {
    const worked: string[] = [];
    const length = rememberedText(2, (text) => worked.push(text));
    for (const text of ["a", "b", "a", "c", "a"]) length(text);
    assert.deepEqual(worked, ["a", "b", "c", "a"]);
  });
});

describe("rememberedLongText", () => {
  it("tells texts apart that agree where it looks, and forgets all when there are too many", () => {
    const worked: string[] = [];
    const last = rememberedLongText(3, (text) => {
      worked.push(text.slice(-3));
      return text.slice(-1);
    });
    const texts = ["a1z", "b2z", "c3z", "d4z"].map((end) => `${"stack ".repeat(500)}${end}`);
    const [a, b, c, d] = texts as [string, string, string, string];
    assert.deepEqual([a, b, a, c, b, c].map(last).join(""), "zzzzzz");
    assert.deepEqual(worked, ["a1z", "b2z", "c3z"]);
    [d, a].forEach(last);
    assert.deepEqual(worked, ["a1z", "b2z", "c3z", "d4z", "a1z"]);
  });
});
