import assert from "node:assert/strict";
import { table, toJson } from "../../src/cli/output";
import { parseDuration } from "../../src/cli/withHost";

describe("cli output", () => {
  it("aligns columns and leaves no trailing space", () => {
    const lines = table([{ title: "PORT", align: "right" }, { title: "NAME" }], [["80", "nginx"], ["8080", ""]]);
    assert.deepEqual(lines, ["PORT  NAME", "  80  nginx", "8080"]);
  });

  it("writes addresses as hex strings", () => {
    assert.equal(toJson({ address: 0xffffffff81000000n, drops: null }), '{"address":"0xffffffff81000000","drops":null}');
  });
});

describe("parseDuration", () => {
  const cases: readonly (readonly [string, number])[] = [["10s", 10_000], ["250ms", 250], ["1.5m", 90_000], ["3", 3000]];
  for (const [text, expected] of cases) it(`${text} is ${expected} ms`, () => assert.equal(parseDuration(text), expected));

  for (const text of ["", "s", "-1s", "10 s", "1d"]) {
    it(`“${text}” is refused`, () => assert.throws(() => parseDuration(text), /A duration is/));
  }
});
