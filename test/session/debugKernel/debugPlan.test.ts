import assert from "node:assert/strict";
import fc from "fast-check";
import { isFunctionName, parseStubAddress } from "../../../src/session/debugKernel/debugPlan";

describe("parseStubAddress", () => {
  it("reads host and port, this machine where no host is named", () => {
    assert.deepEqual(["127.0.0.1:1234", " localhost:1 ", ":1234", "[::1]:65535"].map(parseStubAddress), ["127.0.0.1:1234", "localhost:1", "127.0.0.1:1234", "[::1]:65535"]);
  });
  it("refuses all else", () => {
    for (const text of ["", "1234", "a:0", "a:65536", "a b:1", "a:1;quit", "| sh:1", "a:1\nshell", "::1:1234"]) assert.equal(parseStubAddress(text), undefined, text);
  });
  it("gives only what is one word for gdb", () => {
    fc.assert(fc.property(fc.string(), (text) => assert.match(parseStubAddress(text) ?? "a:1", /^[\w.:[\]-]+:\d+$/)));
  });
});

describe("isFunctionName", () => {
  it("takes names of the symbol table and nothing that gdb would read otherwise", () => {
    assert.deepEqual(["tcp_v4_rcv", "tcp_send.part.0", "__x64_sys_bind"].filter((name) => !isFunctionName(name)), []);
    assert.deepEqual(["", "a b", "*0x10", "a if 1", "file.c:3", "0a", "a\nb"].filter(isFunctionName), []);
  });
});
