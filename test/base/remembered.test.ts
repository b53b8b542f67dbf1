import assert from "node:assert/strict";
import { remembered, rememberedText } from "../../src/base/remembered";

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
