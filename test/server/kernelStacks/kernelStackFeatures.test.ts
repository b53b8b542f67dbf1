import assert from "node:assert/strict";
import type { FrameAnswer, StackAnswer, StackQuery } from "../../../src/protocol/kernelStacks";
import { eventually } from "../../support/eventually";
import { serverClient, type ServerClient } from "../support/serverClient";
import { noise, warning } from "./sampleLog";

const uri = "file:///log";
const line = (file: string, number: number, name: string, inlined = false): FrameAnswer["chain"][number] => ({ function: name, inlined, file, line: number, uri: `knetscope-source:/h/b/${file}` });

function answer({ build, frames }: StackQuery): StackAnswer {
  if (build === "9.9.9") return { problem: { kind: "other-kernel", message: "The text is of kernel 9.9.9; h runs 6.1.", advice: "Connect to it." }, frames: [] };
  const chainOf = (symbol = "?"): FrameAnswer => ({ status: "ok", lookup: "caller", chain: [line("include/net/tcp.h", 12, "tcp_inner", true), line("net/ipv4/tcp.c", 2999, symbol)] });
  return { host: "h", release: "6.1.0-56-cloud-amd64", buildId: "aa".repeat(20), debuginfo: "/usr/lib/debug/vmlinux", frames: frames.map(({ symbol }) => chainOf(symbol)) };
}

const at = (line: number, character: number): { position: { line: number; character: number } } => ({ position: { line, character } });
const lines = (from: number, to: number): { range: object } => ({ range: { start: { line: from, character: 0 }, end: { line: to, character: 0 } } });

describe("kernel stacks over the language server", () => {
  let client: ServerClient;
  const text = [...noise(5), ...warning(4), ...noise(5)].join("\n");
  beforeEach(async () => {
    client = await serverClient(answer);
    await client.open(uri, "log", text);
  });
  afterEach(() => client.dispose());

  it("registers its features for the texts of the settings", async () => {
    await eventually(() => assert.ok(client.registered.includes("textDocument/documentLink")));
    for (const method of ["textDocument/didOpen", "textDocument/hover", "textDocument/definition", "textDocument/inlayHint", "textDocument/semanticTokens"]) assert.ok(client.registered.includes(method), method);
  });

  it("links every frame and the place that the report names; a link's target is worked out when it is followed", async () => {
    const links = (await client.request("textDocument/documentLink", uri)) as { range: { start: { line: number; character: number } } }[];
    assert.deepEqual(links.map(({ range }) => `${range.start.line}:${range.start.character}`), ["9:25", "15:16", "16:16", "17:16", "18:18", "6:42"]);
    const resolved = await client.connection.sendRequest<{ target: string }>("documentLink/resolve", links[1]);
    const [argument] = JSON.parse(decodeURIComponent(resolved.target.split("?")[1] ?? "")) as [{ at: number; stack: StackQuery }];
    assert.equal(argument.at, 1);
    assert.equal(argument.stack.build, "6.1.0-56-cloud-amd64");
    assert.equal(argument.stack.frames[1]?.symbol, "tcp_v4_rcv");
    const place = await client.connection.sendRequest<{ target: string }>("documentLink/resolve", links[5]);
    assert.match(decodeURIComponent(place.target), /net\/ipv4\/tcp\.c","line":2999/);
  });

  it("hovers with source, chain and what it rests on", async () => {
    const { contents } = (await client.request("textDocument/hover", uri, at(15, 20))) as { contents: { value: string } };
    for (const part of ["tcp_v4_rcv+0x10/0x400", "frame 1 of 5", "▶ 12 source 12", "include/net/tcp.h:12", "inlined into", "return address", "/usr/lib/debug/vmlinux"]) assert.ok(contents.value.replaceAll("\\", "").includes(part), `${part}\n${contents.value}`);
    assert.equal(await client.request("textDocument/hover", uri, at(2, 20)), null);
  });

  it("goes to the definition, innermost line first", async () => {
    const found = (await client.request("textDocument/definition", uri, at(15, 20))) as { uri: string; range: { start: { line: number } } }[];
    assert.deepEqual(found.map((place) => `${place.uri} ${place.range.start.line}`), ["knetscope-source:/h/b/include/net/tcp.h 11", "knetscope-source:/h/b/net/ipv4/tcp.c 2998"]);
  });

  it("asks once for all frames in sight, and not again", async () => {
    const hints = (await client.request("textDocument/inlayHint", uri, lines(14, 17))) as { label: { value: string }[]; position: { line: number } }[];
    assert.deepEqual(hints.map(({ position, label }) => `${position.line} ${label.map(({ value }) => value).join("")}`), [15, 16, 17].map((number) => `${number} tcp.h:12 ‹ net/ipv4/tcp.c:2999`));
    await client.request("textDocument/inlayHint", uri, lines(14, 17));
    assert.deepEqual(client.asked.map((queries) => queries.map(({ frames }) => frames.length)), [[3]]);
  });

  it("outlines, folds and colours", async () => {
    const symbols = (await client.request("textDocument/documentSymbol", uri)) as { name: string; detail: string; children: unknown[] }[];
    assert.deepEqual(symbols.map(({ name, detail, children }) => `${name} ${detail} ${children.length}`), ["tcp_close+0x1a/0x80 oops-x86, 5 frames 5"]);
    assert.deepEqual(await client.request("textDocument/foldingRange", uri), [{ startLine: 9, endLine: 18 }]);
    const { data } = (await client.request("textDocument/semanticTokens/range", uri, lines(15, 15))) as { data: number[] };
    assert.deepEqual(data, [15, 16, 10, 0, 0, 0, 10, 11, 1, 0]);
  });

  it("offers actions with the whole stack", async () => {
    const range = { start: { line: 15, character: 20 }, end: { line: 15, character: 20 } };
    const actions = (await client.request("textDocument/codeAction", uri, { range, context: { diagnostics: [] } })) as { title: string; command: { command: string } }[];
    assert.deepEqual(actions.map(({ command }) => command.command), ["knetscope.traceFunction", "knetscope.probeLine", "knetscope.explainStack", "knetscope.resolveAll"]);
  });

  it("says what lowers the trust, and another kernel once it was asked for", async () => {
    await eventually(() => assert.deepEqual(client.diagnostics.get(uri)?.map(({ code }) => code), ["unreliable", "truncated"]));
    await client.open("file:///other", "log", warning(3).join("\n").replace("6.1.0-56-cloud-amd64", "9.9.9"));
    await client.request("textDocument/hover", "file:///other", at(10, 20));
    await eventually(() => assert.ok(client.diagnostics.get("file:///other")?.some(({ code }) => code === "wrong-build")));
  });

  it("follows an edit", async () => {
    await client.request("textDocument/documentLink", uri);
    await client.change(uri, 2, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, `${warning(1).join("\r\n")}\r\n`);
    const links = (await client.request("textDocument/documentLink", uri)) as { range: { start: { line: number } } }[];
    assert.deepEqual(links.map(({ range }) => range.start.line).sort((a, b) => a - b), [1, 4, 10, 21, 24, 30, 31, 32, 33]);
  });

  it("leaves a text beyond the limit alone, and says so", async () => {
    const small = await serverClient(answer, { maxFileBytes: 1 << 20 });
    await small.open(uri, "log", text + "x".repeat(1 << 20));
    assert.equal(await small.request("textDocument/documentLink", uri), null);
    await eventually(() => assert.match(small.diagnostics.get(uri)?.[0]?.message ?? "", /longer than 1 MB/));
    small.dispose();
  });
});
