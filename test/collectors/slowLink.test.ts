/** Real gzip on this machine, as if it were far away. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { compressed, decompressed, noteTransfer, wantsCompression } from "../../src/collectors/slowLink";
import { takeListeners } from "../../src/collectors/listeners";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { localTarget } from "../../src/target/localTarget";
import type { AttachedProgram, Target } from "../../src/target/target";
import { facts } from "../vscode/support/samples";

async function read(chunks: Iterable<Uint8Array>): Promise<string> {
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  };
  let text = "";
  for await (const chunk of decompressed(source(), "perl")) text += Buffer.from(chunk).toString();
  return text;
}

describe("a slow link", () => {
  const far = (): Target => ({ ...localTarget(), kind: "ssh" });
  const withGzip = { ...facts, programs: { gzip: "/usr/bin/gzip" } };

  it("is known by a large answer that took long", () => {
    const target = far();
    assert.equal(wantsCompression(target, withGzip), false);
    noteTransfer(target, 500_000, 60_000);
    assert.equal(wantsCompression(target, withGzip), false, "a small answer tells nothing");
    noteTransfer(target, 5_000_000, 1_000);
    assert.equal(wantsCompression(target, withGzip), true);
    assert.equal(wantsCompression(target, { ...facts, programs: {} }), false, "no gzip there");
    noteTransfer(target, 50_000_000, 1_000);
    assert.equal(wantsCompression(target, withGzip), false);
  });

  for (const pump of ["perl", "python3", "proc"] as const) {
    it(`gets the answers of ${pump} through gzip, and they are the same`, async () => {
      const local = localTarget();
      const kinds: string[] = [];
      const watched = (program: AttachedProgram): AttachedProgram => {
        const listen = program.listen.bind(program);
        program.listen = (listener) => {
          listen((chunk) => {
            kinds.push(Buffer.from(chunk).toString("latin1").startsWith("@gzip") ? "gzip" : "plain");
            listener?.(chunk);
          });
        };
        return program;
      };
      const target: Target = {
        ...local,
        kind: "ssh",
        start: (command, signal) => (kinds.push(command.argv.join(" ").includes('"$@" | gzip -1') ? "gzip" : "plain"), local.start(command, signal)),
        attach: async (program, signal) => watched(await local.attach(program, signal)),
      };
      const host = await runProbe(target, hostFactsProbe);
      const options = { privilege: "user", pumps: [pump] } as const;
      // Others on this machine come and go.
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const look = async (): Promise<{ readonly kind: string | undefined; readonly found: unknown }> => {
        kinds.length = 0;
        const { listeners, source } = await takeListeners(target, host, options);
        return { kind: kinds[0], found: [source, listeners.flatMap(({ cookie, local: place }) => (place.port === port ? [[cookie, place]] : []))] };
      };
      const plain = await look();
      noteTransfer(target, 2_000_000, 60_000);
      const [packed, again] = [await look(), await look()];
      assert.deepEqual([plain.kind, packed.kind, again.kind], ["plain", "gzip", "gzip"]);
      assert.deepEqual([packed.found, again.found], [plain.found, plain.found]);
      server.close();
      await local.dispose();
    });
  }

  it("that ends or gives something else is an error, no hang", async () => {
    const { stdout } = await localTarget().run(compressed({ argv: ["printf", "%s", "all of it"] }));
    assert.equal(await read([stdout]), "all of it");
    await assert.rejects(read([stdout.subarray(0, 12)]), { code: "pump/garbled" });
    await assert.rejects(read([Buffer.from("Last login: today")]), { code: "pump/garbled", where: "perl" });
  });
});
