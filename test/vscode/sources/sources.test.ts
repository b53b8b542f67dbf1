import assert from "node:assert/strict";
import fc from "fast-check";
import { hitCounts } from "../../../src/vscode/sources/hitCounts";
import { parseFileLine } from "../../../src/vscode/sources/parseFileLine";
import { buildName, parseSourcePath, sourcePath, sourceTitle } from "../../../src/vscode/sources/sourceUri";
import { facts, resetGroup } from "../support/samples";

describe("source URIs", () => {
  const part = fc.stringMatching(/^[\w.@:~+-]{1,12}$/);
  it("lead back to host, build and file", () =>
    fc.assert(fc.property(part, part, fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean(), (host, build, parts, absolute) => {
      const address = { host, build, file: `${absolute ? "/" : ""}${parts.join("/")}` };
      fc.pre(parts[0] !== "@root");
      assert.deepEqual(parseSourcePath(sourcePath(address)), address);
    })));
  it("differ for two builds of one release", () => {
    const other = { ...facts, buildId: undefined };
    assert.notEqual(buildName(facts), buildName({ release: other.release }));
    assert.equal(buildName(facts), "6.1.0-28-cloud-amd64~01234567");
  });
  it("are refused when they are not ours", () => {
    for (const path of ["", "/", "/host", "/host/build", "/host/build/", "host/build/file"]) assert.equal(parseSourcePath(path), undefined, path);
  });
  it("give a title with the release", () => assert.equal(sourceTitle({ host: "h", build: "6.1.0~01234567", file: "net/ipv4/tcp_ipv4.c" }), "tcp_ipv4.c (6.1.0)"));
});

describe("parseFileLine", () => {
  const check = (text: string, expected: unknown): void => assert.deepEqual(parseFileLine(text), expected);
  it("takes a file", () => check(" ./net/ipv4/tcp.c ", { file: "net/ipv4/tcp.c", line: 1 }));
  it("takes line and column", () => check("net/ipv4/tcp.c:12:3", { file: "net/ipv4/tcp.c", line: 12, column: 3 }));
  it("refuses the rest", () => ["", "net/", "a b", "x.c:0", "x.c:y"].forEach((text) => check(text, undefined)));
  it("takes any text", () => fc.assert(fc.property(fc.string(), (text) => (parseFileLine(text)?.line ?? 1) >= 1)));
});

describe("hitCounts", () => {
  it("adds up groups and counts a line once an event", () => {
    const group = resetGroup();
    const twice = resetGroup({ count: 3, explanation: { ...group.explanation, cause: { ...group.explanation.cause, title: "Other" } }, stack: [...group.stack, ...group.stack] });
    const hits = hitCounts([group, twice], "net/ipv4/ip_input.c");
    assert.deepEqual([...hits].map(([line, { count, causes }]) => [line, count, Object.fromEntries(causes)]), [[233, 15, { "Nothing listens on this port": 12, Other: 3 }]]);
    assert.equal(hitCounts([group], "net/ipv4/tcp.c").size, 0);
  });
});
