import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CompletionItem, CompletionList, DocumentLink, Hover, InlayHint, Location } from "vscode-languageserver";
import { localHostFacts } from "../../src/probes/localHostFacts";
import { debuginfodServer } from "../support/debuginfodServer";
import { eventually } from "../support/eventually";
import { sampleKernel, writeKernel } from "../support/kernelFixture";
import { buildServer, startBuiltServer, type BuiltServer } from "./support/builtServer";

const id = sampleKernel().buildId!;
const text = "file:///tmp/dmesg.txt";
/** A return address in the middle of tcp_send, in code that was inlined twice; its line is that of the call before it. */
const report = (head: string): string => `${head}\nCall Trace:\n <TASK>\n tcp_send+0x15/0x40\n tcp_send.cold+0x5/0x10\n </TASK>\n`;
const withId = report(`CPU: 1 PID: 77 Comm: x Not tainted 6.1.5-99-test #1 ${id}`);
const withRelease = report("CPU: 1 PID: 77 Comm: x Not tainted 6.1.5-99-test #1");
const everything = { range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } } };
const onFirst = { position: { line: 3, character: 3 } };
const chain = "tcp_send+0x15/0x40: sock.h:30 ‹ sock.h:77 ‹ net/ipv4/tcp.c:120";

describe("the built server over stdio, for editors without our extension", function () {
  this.timeout(60_000);
  let folder = "";
  let script = "";
  let server: BuiltServer | undefined;
  const put = (path: string, bytes: Uint8Array | string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return file;
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "knetscope-"));
    script = await buildServer(join(folder, "dist"));
    put("kernels/vmlinux", writeKernel(sampleKernel()));
    put("modules/kernel/net/sample.ko", writeKernel(sampleKernel({ buildId: "ab".repeat(20) })));
    put("linux/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 5\n");
    put("linux/net/ipv4/tcp.c", Array.from({ length: 130 }, (_, index) => `tcp line ${index + 1}\n`).join(""));
  });
  afterEach(async () => {
    await server?.end();
    server = undefined;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (options: object): Promise<BuiltServer> =>
    (server = await startBuiltServer(script, options, { KNETSCOPE_CACHE: join(folder, "cache"), DEBUGINFOD_CACHE_PATH: join(folder, "client"), DEBUGINFOD_URLS: "" }));
  /** `frame: line ‹ line` of each hint. */
  const hints = async (of: BuiltServer, content: string): Promise<string[]> => {
    const found = await of.request<InlayHint[] | null>("textDocument/inlayHint", text, everything);
    return (found ?? []).map(({ position, label }) => `${content.split("\n")[position.line]?.trim()}: ${typeof label === "string" ? label : label.map(({ value }) => value).join("")}`);
  };
  const hover = async (of: BuiltServer): Promise<string> => ((await of.request<Hover | null>("textDocument/hover", text, onFirst))?.contents as { value: string } | undefined)?.value ?? "";

  it("resolves a stack by the build id that the text names, and opens the tree that the options name", async () => {
    const client = await start({ debuginfo: { vmlinux: join(folder, "kernels") }, sources: [join(folder, "linux")] });
    assert.deepEqual(client.capabilities["documentLinkProvider"], { resolveProvider: true });
    await client.open(text, "text", withId);
    assert.deepEqual(await hints(client, withId), [chain, "tcp_send.cold+0x5/0x10: net/ipv4/tcp.c:128"]);
    const source = pathToFileURL(join(folder, "linux/net/ipv4/tcp.c")).href;
    const places = await client.request<Location[]>("textDocument/definition", text, onFirst);
    assert.deepEqual(places.map(({ uri, range }) => [uri, range.start.line]), [[source, 119]], "of files that the tree has");
    const words = await hover(client);
    assert.ok(words.includes("▶ 120 tcp line 120\n"), words);
    assert.ok(words.includes(`](${source}#L120)`) && words.includes(id.slice(0, 16)) && !words.includes("command:"), words);
    const [link] = await client.request<DocumentLink[]>("textDocument/documentLink", text);
    assert.equal((await client.connection.sendRequest<DocumentLink>("documentLink/resolve", link)).target, `${source}#L120`);
    assert.equal(await client.request("textDocument/codeAction", text, { ...everything, context: { diagnostics: [] } }), null, "the commands are the extension's");
    assert.equal(await server?.end(), 0);
    server = undefined;
  });

  it("takes a module of the build that the text names from the folder of modules", async () => {
    const client = await start({ debuginfo: { modules: join(folder, "modules") } });
    const content = report("").replace("tcp_send+0x15/0x40", `tcp_send+0x15/0x40 [sample ${"ab".repeat(20)}]`);
    await client.open(text, "text", content);
    assert.match((await hints(client, content))[0] ?? "", /\[sample abab\w+\]: sock\.h:30 ‹ sock\.h:77 ‹ net\/ipv4\/tcp\.c:120$/);
  });

  it("takes the vmlinux that the options name for a text without a build id, and says so", async () => {
    const client = await start({ debuginfo: { vmlinux: join(folder, "kernels/vmlinux") } });
    await client.open(text, "text", withRelease);
    assert.equal((await hints(client, withRelease))[0], chain);
    assert.match(await hover(client), /kernels\/vmlinux, as named: the text tells no build id to compare/);
  });

  it("opens the tree in which that vmlinux was built", async () => {
    const units = sampleKernel().units.map((unit) => ({ ...unit, compDir: join(folder, "linux") }));
    const client = await start({ debuginfo: { vmlinux: put("built/vmlinux", writeKernel(sampleKernel({ units }))) } });
    await client.open(text, "text", withRelease);
    const places = await client.request<Location[]>("textDocument/definition", text, onFirst);
    assert.deepEqual(places.map(({ uri }) => uri), [pathToFileURL(join(folder, "linux/net/ipv4/tcp.c")).href]);
  });

  it("has no line where that vmlinux is of another release than the text", async () => {
    const banner = { name: ".rodata", flags: 2, bytes: Buffer.from("\0%s version %s\0Linux version 6.1.4-99-test (builder) #1 SMP\n\0") };
    const vmlinux = put("older/vmlinux", writeKernel(sampleKernel({ transform: (sections) => [banner, ...sections] })));
    const client = await start({ debuginfo: { vmlinux } });
    await client.open(text, "text", withRelease);
    assert.deepEqual(await hints(client, withRelease), []);
    assert.ok((await hover(client)).includes("The text is of kernel 6.1.5-99-test;") && (await hover(client)).includes("is of 6.1.4-99-test."));
    const unnamed = report("");
    await client.open("file:///tmp/unnamed.txt", "text", unnamed);
    const found = await client.request<InlayHint[]>("textDocument/inlayHint", "file:///tmp/unnamed.txt", everything);
    assert.equal(found.length, 2, "a text that names no kernel is taken to be of it");
  });

  it("has no line where the text names another build, or a kernel of which nothing is here", async () => {
    const client = await start({ debuginfo: { vmlinux: join(folder, "kernels/vmlinux") } });
    const other = withId.replaceAll(id, "cd".repeat(20));
    await client.open(text, "text", other);
    assert.deepEqual(await hints(client, other), []);
    assert.match(await hover(client), new RegExp(`No debuginfo of the kernel of the trace \\(build id ${"cd".repeat(20)}\\)`));
    await server?.end();
    const without = await start({});
    await without.open(text, "text", withRelease);
    assert.deepEqual(await hints(without, withRelease), []);
    assert.match(await hover(without), /The text is of kernel 6\.1\.5-99-test; this machine runs [^]*Name the vmlinux/);
  });

  it("asks a debuginfod server only when the options name it", async () => {
    const debuginfod = await debuginfodServer({ files: { [`${id}/debuginfo`]: Buffer.from(writeKernel(sampleKernel())) } });
    try {
      const env = { KNETSCOPE_CACHE: join(folder, "cache2"), DEBUGINFOD_CACHE_PATH: join(folder, "client2"), DEBUGINFOD_URLS: debuginfod.url };
      server = await startBuiltServer(script, {}, env);
      await server.open(text, "text", withId);
      assert.deepEqual([await hints(server, withId), debuginfod.asked.length], [[], 0]);
      await server.end();
      server = await startBuiltServer(script, { debuginfod: { urls: [debuginfod.url] } }, env);
      await server.open(text, "text", withId);
      assert.equal((await hints(server, withId))[0], chain);
    } finally {
      await debuginfod.close();
    }
  });

  it("leads to the source of the kernel that runs here, for its stacks and for functions of a bpftrace program", async () => {
    const { buildId: running, release } = localHostFacts();
    assert.ok(running, "/sys/kernel/notes tells no build id");
    const [version = "", patchlevel = ""] = release.split(".");
    const vmlinux = put("running/vmlinux", writeKernel(sampleKernel({ buildId: running })));
    put("tree/Makefile", `VERSION = ${version}\nPATCHLEVEL = ${patchlevel}\nSUBLEVEL = 0\n`);
    const source = pathToFileURL(put("tree/net/ipv4/tcp.c", "tcp\n")).href;
    const client = await start({ debuginfo: { vmlinux }, sources: [join(folder, "linux"), join(folder, "tree")] });
    const own = report(`CPU: 1 PID: 77 Comm: x Not tainted ${release} #1`);
    await client.open(text, "text", own);
    const places = await client.request<Location[]>("textDocument/definition", text, onFirst);
    assert.deepEqual(places.map(({ uri, range }) => [uri, range.start.line]), [[source, 119]], "of the tree of its series");
    assert.doesNotMatch(await hover(client), /as named/, "the build ids were compared");
    const program = "file:///tmp/sends.bt";
    await client.open(program, "bpftrace", "kprobe:tcp_send { exit() }\n");
    assert.deepEqual(await client.request("textDocument/definition", program, { position: { line: 0, character: 9 } }), [{ uri: source, range: { start: { line: 109, character: 0 }, end: { line: 109, character: 0 } } }]);
  });

  it("knows this machine's kernel in a bpftrace program: completion, and problems as it is opened", async () => {
    const client = await start({});
    const program = "file:///tmp/reads.bt";
    await client.open(program, "bpftrace", "kprobe:vfs_rea\nkprobe:no_such_function_here { prinf(1); }\n");
    await eventually(async () => {
      const found = await client.request<CompletionList | CompletionItem[]>("textDocument/completion", program, { position: { line: 0, character: 14 } });
      const labels = (Array.isArray(found) ? found : found.items).map(({ label }) => label);
      assert.ok(labels.some((label) => label === "vfs_read" || label === "kprobe:vfs_read"), labels.slice(0, 20).join(" "));
    }, 40_000);
    await eventually(() => {
      const messages = (client.diagnostics.get(program) ?? []).map(({ message }) => message).join("\n");
      assert.match(messages, /no_such_function_here/);
      assert.match(messages, /prinf/);
    });
    assert.equal(await client.request("textDocument/codeLens", program), null, "to run it is the extension's");
  });
});
