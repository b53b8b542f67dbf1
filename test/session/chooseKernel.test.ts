import assert from "node:assert/strict";
import { buildId } from "../../src/base/brands";
import { chooseKernel, type KnownHost } from "../../src/session/chooseKernel";

const [idA, idB] = [buildId("aa".repeat(20)), buildId("bb".repeat(20))];
const a: KnownHost = { name: "a", facts: { release: "6.1", buildId: idA } };
const b: KnownHost = { name: "b", facts: { release: "6.12", buildId: idB } };
const nameOf = (hosts: readonly KnownHost[], named: Parameters<typeof chooseKernel>[1]): string => {
  const choice = chooseKernel(hosts, named);
  return "host" in choice ? choice.host.name : choice.kind;
};

describe("chooseKernel", () => {
  it("takes the host whose build id the text names, then the release, then the first", () => {
    assert.equal(nameOf([a, b], { buildId: idB, build: "6.12" }), "b");
    assert.equal(nameOf([a, b], { build: "6.12" }), "b");
    assert.equal(nameOf([a, b], {}), "a");
  });
  it("never takes another build of the same release", () => assert.equal(nameOf([a], { build: "6.1", buildId: idB }), "other-kernel"));
  it("takes the release of a host whose build id cannot be read", () => assert.equal(nameOf([{ name: "c", facts: { release: "6.1" } }], { build: "6.1", buildId: idB }), "c"));
  it("says what the text is of and what runs", () => {
    const choice = chooseKernel([a, b], { build: "5.10" });
    assert.ok("message" in choice);
    assert.equal(choice.message, "The text is of kernel 5.10; a runs 6.1, b runs 6.12.");
    assert.equal(nameOf([], { build: "5.10" }), "no-host");
  });
});
