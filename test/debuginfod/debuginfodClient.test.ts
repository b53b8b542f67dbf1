import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { buildId } from "../../src/base/brands";
import { errorCode } from "../../src/base/errors";
import { artifactPath, cacheName } from "../../src/debuginfod/artifact";
import { DebuginfodClient, type ClientOptions, type Transfer } from "../../src/debuginfod/debuginfodClient";
import { clientCacheFolder, debuginfodSettings } from "../../src/debuginfod/settings";
import { debuginfodServer, type DebuginfodServer, type ServerOptions } from "../support/debuginfodServer";

const id = buildId("ab".repeat(20));
const content = Uint8Array.from({ length: 100_000 }, (_, index) => index * 7);
const debuginfo = { kind: "debuginfo" } as const;

describe("DebuginfodClient", () => {
  let folder = "";
  const servers: DebuginfodServer[] = [];
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    rmSync(folder, { recursive: true });
  });

  const start = async (options: Partial<ServerOptions> = {}): Promise<DebuginfodServer> => {
    const server = await debuginfodServer({ files: { [`${id}/debuginfo`]: content, [`${id}/section/.debug_line`]: content.subarray(5), [`${id}/source/usr/src/a b#c.c`]: content.subarray(9) }, ...options });
    servers.push(server);
    return server;
  };
  const client = (urls: readonly string[], options: ClientOptions = {}, timeoutMs = 5000, maxBytes?: number): DebuginfodClient =>
    new DebuginfodClient({ servers: urls, cacheFolder: folder, timeoutMs, maxBytes }, options);
  const place = (name: string): string => join(folder, id, name);
  const code = (work: Promise<unknown>): Promise<string | undefined> => work.then(() => "no error", errorCode);

  it("fetches once, into the folder and under the names of elfutils' client", async () => {
    const server = await start();
    const wanted = [debuginfo, { kind: "section", name: ".debug_line" }, { kind: "source", path: "/usr/src/a b#c.c" }] as const;
    for (const artifact of [...wanted, ...wanted]) await client([server.url]).file(id, artifact);
    assert.deepEqual(readdirSync(join(folder, id)).sort(), ["debuginfo", "section-.debug_line", "source##usr##src##a b#_c.c"]);
    assert.deepEqual(Uint8Array.from(readFileSync(place("debuginfo"))), content);
    assert.deepEqual(server.asked, [`${id}/debuginfo`, `${id}/section/.debug_line`, `${id}/source/usr/src/a b#c.c`]);
  });

  it("reads what elfutils' client has fetched, and believes its empty file for cache_miss_s seconds", async () => {
    const server = await start();
    mkdirSync(dirname(place("x")), { recursive: true });
    writeFileSync(place("section-.debug_info"), "theirs");
    writeFileSync(place("debuginfo"), "");
    assert.equal(await client([server.url]).file(id, { kind: "section", name: ".debug_info" }), place("section-.debug_info"));
    assert.equal(await client([server.url]).file(id, debuginfo), undefined);
    assert.deepEqual(server.asked, []);
    utimesSync(place("debuginfo"), new Date(), new Date(Date.now() - 11_000));
    writeFileSync(join(folder, "cache_miss_s"), "10\n");
    assert.equal(await client([server.url]).file(id, debuginfo), place("debuginfo"));
  });

  it("remembers that nobody has it, and does not when a server could not be asked", async () => {
    const [server, empty] = [await start({ files: {} }), await start({ files: {} })];
    await empty.close();
    assert.equal(await code(client([server.url, empty.url]).file(id, debuginfo)), "debuginfod/unreachable");
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(await client([server.url]).file(id, debuginfo), undefined);
    assert.equal(statSync(place("debuginfo")).size, 0);
    assert.equal(await client([server.url]).file(id, debuginfo), undefined);
    assert.equal(server.asked.length, 2);
  });

  it("takes it from the first server that has it", async () => {
    const silent = await start({ intercept: () => true });
    const [without, having] = [await start({ files: {} }), await start()];
    assert.equal(await client([silent.url, without.url, having.url]).file(id, debuginfo), place("debuginfo"));
  });

  it("tells how far it is, with the size from the start", async () => {
    const seen: Transfer[] = [];
    const server = await start();
    await client([server.url], { progress: (transfer) => seen.push(transfer) }).file(id, debuginfo);
    assert.deepEqual([seen[0], seen.at(-1)], [0, content.length].map((received) => ({ what: "debuginfo of abababab…", server: server.url, received, total: content.length, ended: received > 0 })));
  });

  it("stops when it is cancelled, says so, and does not begin again", async () => {
    const server = await start({ intercept: (request, response) => (request.url ?? "").endsWith("/debuginfo") && (response.writeHead(200, { "Content-Length": 1000 }).write("x") || true) });
    const seen: Transfer[] = [];
    const own = client([server.url], {
      progress: (transfer) => {
        if (seen.push(transfer) === 1) setImmediate(() => own.cancel());
      },
    });
    assert.equal(await code(own.file(id, debuginfo)), "debuginfod/cancelled");
    assert.equal(seen.at(-1)?.ended, true);
    assert.equal(await code(own.file(id, debuginfo)), "debuginfod/not-agreed");
    assert.deepEqual(readdirSync(join(folder, id)), []);
  });

  it("leaves nothing behind when it is cancelled, cut short, too large, or refused", async () => {
    const cut = await start({ intercept: (_request, response) => response.writeHead(200, { "Content-Length": 1000 }).write("x", () => response.destroy()) || true });
    assert.equal(await code(client([cut.url]).file(id, debuginfo)), "debuginfod/unreachable");
    const stop = new AbortController();
    const hanging = await start({ intercept: (_request, response) => response.writeHead(200, { "Content-Length": 1000 }).write("x") || true });
    const cancelled = client([hanging.url], { signal: stop.signal, progress: () => setImmediate(() => stop.abort(new Error("stopped"))) }).file(id, debuginfo);
    await assert.rejects(cancelled, /stopped/);
    assert.equal(await code(client([hanging.url], {}, 200).file(id, debuginfo)), "debuginfod/timeout");
    const server = await start();
    assert.equal(await code(client([server.url], {}, 5000, 99_999).file(id, debuginfo)), "debuginfod/too-large");
    const failing = await start({ intercept: (_request, response) => Boolean(response.writeHead(503).end()) || true });
    assert.equal(await code(client([failing.url]).file(id, debuginfo)), "debuginfod/refused");
    assert.deepEqual(readdirSync(join(folder, id)), []);
  });

  it("asks before it fetches much, and takes a no", async () => {
    const large = new Uint8Array(33 * 2 ** 20);
    const server = await start({ files: { [`${id}/debuginfo`]: large } });
    const questions: unknown[] = [];
    const agree = (...question: unknown[]): Promise<boolean> => Promise.resolve(questions.push(question) > 1);
    assert.equal(await code(client([server.url], { agree }).file(id, debuginfo)), "debuginfod/not-agreed");
    assert.equal(await client([server.url], { agree }).file(id, debuginfo), place("debuginfo"));
    assert.deepEqual(questions[0], ["debuginfo of abababab…", large.length, server.url]);
  });

  it("follows a redirect to a configured server only", async () => {
    const server = await start();
    const elsewhere = await start({ intercept: (request, response) => Boolean(response.writeHead(302, { Location: `${server.url}${request.url}` }).end()) || true });
    assert.equal(await code(client([elsewhere.url]).file(id, debuginfo)), "debuginfod/redirected");
    assert.deepEqual(server.asked, []);
    assert.equal(await client([elsewhere.url, server.url]).file(id, debuginfo), place("debuginfo"));
  });

  it("reads ranges where the server has them, and finds out where it has not", async () => {
    const [with_, without] = [await start({ ranges: true }), await start()];
    const ranged = client([with_.url]);
    const peek = await ranged.peek(id, debuginfo, 10);
    assert.deepEqual([peek?.ranges, peek?.size, peek?.start], [true, content.length, Buffer.from(content.subarray(0, 10))]);
    const file = ranged.ranged(peek!, peek!.size!);
    await fc.assert(fc.asyncProperty(fc.nat(110_000), fc.nat(2000), async (offset, length) => assert.deepEqual(Uint8Array.from(await file.read(offset, length)), content.slice(offset, offset + length))), { numRuns: 20 });
    assert.deepEqual([(await client([without.url]).peek(id, debuginfo, 10))?.ranges, (await client([without.url]).peek(id, debuginfo, 10))?.size], [false, content.length]);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("asks nobody when no server is configured", async () => assert.equal(await client([]).file(id, debuginfo), undefined));
});

describe("debuginfod's names and settings", () => {
  it("escapes paths so that no two are one, and none leaves the folder", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
      const [first, second] = [a, b].map((path) => cacheName({ kind: "source", path }));
      assert.equal(first === second, a === b);
      assert.ok(!first!.includes("/"));
      assert.ok(!artifactPath(id, { kind: "section", name: a.replaceAll(/[\ud800-\udfff]/g, "") }).slice(`/buildid/${id}/section/`.length).includes("/"));
    }));
  });

  it("reads elfutils' environment; a setting takes the place of DEBUGINFOD_URLS", () => {
    const env = { DEBUGINFOD_URLS: " https://a.example/ http://b.example:8002 ftp://c.example https://a.example", DEBUGINFOD_TIMEOUT: "7", DEBUGINFOD_MAXSIZE: "1000", DEBUGINFOD_CACHE_PATH: "/c" };
    assert.deepEqual(debuginfodSettings(undefined, env), { servers: ["https://a.example", "http://b.example:8002"], cacheFolder: "/c", timeoutMs: 7000, maxBytes: 1000 });
    assert.deepEqual(debuginfodSettings([], env).servers, []);
    assert.equal(clientCacheFolder({ HOME: "/h", XDG_CACHE_HOME: "/x" }), "/x/debuginfod_client");
    assert.equal(clientCacheFolder({ HOME: "/h" }), "/h/.cache/debuginfod_client");
  });
});
