import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../src/base/errors";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { connectSsh } from "../../src/ssh/connectSsh";
import type { CommandResult } from "../../src/target/command";
import type { Target } from "../../src/target/target";
import { SshServer, prompts } from "../support/sshServer";

const failsWith = (code: string, ...words: string[]) => (error: Error): boolean => {
  assert.equal(errorCode(error), code, error.message);
  for (const word of words) assert.ok(error.message.includes(word), error.message);
  return true;
};
const text = (result: CommandResult): string => Buffer.from(result.stdout).toString();

describe("connectSsh", function () {
  this.timeout(60_000);
  let server: SshServer;
  let target: Target;
  let folder = "";
  const connect = (name = "server", own = server): Promise<Target> => connectSsh(name, { prompts: prompts(), configFile: own.configFile() });

  before(async () => {
    server = await SshServer.start();
    target = await connect();
    folder = await mkdtemp(join(tmpdir(), "knetscope-ssh-"));
  });
  after(async () => {
    await target.dispose();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it("runs commands with input, environment and arguments as they are", async () => {
    const words = ["a b", "it's", "$HOME", "`id`", "\n", ""];
    const result = await target.run({ argv: ["sh", "-c", 'cat; printf "[%s]" "$SOME" "$@"; echo no >&2; exit 3', "x", ...words], stdin: Buffer.from("in\0put"), env: { SOME: "it's" } });
    assert.equal(text(result), `in\0put[it's]${words.map((word) => `[${word}]`).join("")}`);
    assert.deepEqual([result.code, result.stderr], [3, "no\n"]);
  });

  it("tells about the host in one round trip", async () => {
    const facts = await runProbe(target, hostFactsProbe);
    assert.equal(facts.user, server.user);
  });

  it("runs many commands at once", async () => {
    const results = await Promise.all(Array.from({ length: 25 }, (_, index) => target.run({ argv: ["sh", "-c", `sleep 0.1; echo ${index}`] })));
    assert.deepEqual(results.map((result) => Number(text(result))), Array.from({ length: 25 }, (_, index) => index));
  });

  it("passes large outputs completely", async () => {
    const running = await target.start({ argv: ["sh", "-c", "head -c 20000000 /dev/zero; echo end"] });
    let length = 0;
    for await (const chunk of running.stdout) length += chunk.length;
    assert.equal(length, 20_000_004);
    assert.deepEqual(await running.exit, { code: 0 });
  });

  it("ends what takes too long, and names what is missing", async () => {
    await assert.rejects(target.run({ argv: ["sleep", "1000"], timeoutMs: 300 }), failsWith("target/timeout"));
    await assert.rejects(target.run({ argv: ["no-such-program"] }), failsWith("target/command-not-found", "no-such-program"));
  });

  it("stops a command in order", async () => {
    const running = await target.start({ argv: ["sh", "-c", "trap 'echo bye; exit 2' TERM; echo ready; while :; do sleep 0.1; done"] });
    const iterator = running.stdout[Symbol.asyncIterator]();
    await iterator.next();
    assert.deepEqual(await running.stop(), { code: 2 });
    assert.equal(Buffer.from((await iterator.next()).value as Uint8Array).toString(), "bye\n");
  });

  const readsFiles = async (own: Target): Promise<void> => {
    const path = join(folder, "big");
    const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 31) & 0xff));
    await writeFile(path, bytes);
    const file = await own.openFile(path);
    assert.equal(file.size, bytes.length);
    for (const [offset, length] of [[0, 700_000], [4095, 2], [65_530, 100_000], [699_990, 100], [700_000, 5], [900_000, 5], [5, 0]] as const) {
      assert.ok(bytes.subarray(offset, offset + length).equals(await file.read(offset, length)), `${offset}+${length}`);
    }
    await file.close();
    assert.equal((await own.stat(path))?.size, bytes.length);
    assert.equal((await own.stat(folder))?.isDirectory, true);
    assert.equal(await own.stat(join(folder, "none")), undefined);
    await assert.rejects(own.openFile(join(folder, "none")), failsWith("target/no-such-file"));
    await assert.rejects(own.openFile(folder), failsWith("target/not-a-file"));
  };

  it("reads files by ranges over sftp", () => readsFiles(target));

  it("reads files by commands where there is no sftp", async () => {
    const bare = await SshServer.start({ config: "Subsystem other /bin/false" });
    const own = await connect("server", bare);
    await readsFiles(own).finally(() => own.dispose());
    await bare.stop();
  });

  it("stays within the sessions that the server allows", async () => {
    const narrow = await SshServer.start({ config: "MaxSessions 2" });
    const own = await connect("server", narrow);
    try {
      const trace = await own.start({ argv: ["sh", "-c", "echo ready; exec sleep 1000"] });
      const results = await Promise.all(Array.from({ length: 6 }, (_, index) => own.run({ argv: ["echo", String(index)] })));
      assert.deepEqual(results.map((result) => text(result)), ["0\n", "1\n", "2\n", "3\n", "4\n", "5\n"]);
      const file = await own.openFile("/etc/passwd");
      assert.equal((await file.read(0, file.size)).length, file.size);
      await file.close();
      await trace.stop();
    } finally {
      await own.dispose();
      await narrow.stop();
    }
  });

  it("opens further connections for what keeps its sessions, and all end with the target", async () => {
    const narrow = await SshServer.start({ config: "MaxSessions 2" });
    const own = await connect("server", narrow);
    try {
      const traces = await Promise.all(Array.from({ length: 5 }, () => own.start({ argv: ["sh", "-c", "echo $SSH_CONNECTION; exec sleep 1000"] })));
      const ports = await Promise.all(traces.map(async ({ stdout }) => {
        for await (const chunk of stdout) return Buffer.from(chunk).toString().split(" ")[1];
        return undefined;
      }));
      assert.equal(new Set(ports).size, 3, ports.join());
      assert.equal(text(await own.run({ argv: ["echo", "still"] })), "still\n");
      await own.dispose();
      for (const { exit } of traces) await exit.catch(() => undefined);
    } finally {
      await own.dispose();
      await narrow.stop();
    }
  });

  it("goes through jump hosts, each with its own keys", async () => {
    const bastion = await SshServer.start();
    await server.writeConfig(
      `Host bastion\n  HostName 127.0.0.1\n  Port ${bastion.port}\n  IdentityFile ${bastion.key()}\n  UserKnownHostsFile ${bastion.knownHosts()}\n` +
        "Host far\n  ProxyJump bastion\nHost further\n  ProxyJump bastion,server\nHost lost\n  HostName 127.0.0.1\n  Port 1\n  ProxyJump bastion\n" +
        `Host far further\n  HostName 127.0.0.1\n  Port ${server.port}\n  User ${server.user}\n  IdentityFile ${server.key()}\n`,
    );
    try {
      for (const name of ["far", "further"]) {
        const own = await connect(name);
        const seen = text(await own.run({ argv: ["sh", "-c", "echo $SSH_CONNECTION"] }));
        assert.match(seen, new RegExp(` 127.0.0.1 ${server.port}\n$`));
        await own.dispose();
      }
      await assert.rejects(connect("lost"), failsWith("ssh/refused", "jump host bastion"));
      const own = await connect("far");
      await bastion.killConnections();
      await once(own.closed, "abort");
      assert.equal(errorCode(own.closed.reason), "target/link-lost");
    } finally {
      await server.writeConfig();
      await bastion.stop();
    }
  });

  it("goes through a ProxyCommand", async () => {
    const relay = join(folder, "relay.cjs");
    await writeFile(relay, 'const s = require("net").connect(process.argv[3], process.argv[2]); process.stdin.pipe(s); s.pipe(process.stdout);');
    await server.writeConfig(`Host proxied\n  HostName 127.0.0.1\n  Port ${server.port}\n  IdentityFile ${server.key()}\n  ProxyCommand ${process.execPath} ${relay} %h %p\nHost broken\n  ProxyCommand sh -c 'echo no way >&2; exit 3'\n`);
    const own = await connect("proxied");
    assert.equal(text(await own.run({ argv: ["echo", "through"] })), "through\n");
    await own.dispose();
    await assert.rejects(connect("broken"), failsWith("ssh/proxy-failed", "no way"));
    await server.writeConfig();
  });

  it("tells apart why a host cannot be reached", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    const foreign = createServer((socket) => socket.end("220 mail.example ESMTP\r\n")).listen(0, "127.0.0.1");
    await Promise.all([once(silent, "listening"), once(foreign, "listening")]);
    const portOf = (of: typeof silent): number => (of.address() as { port: number }).port;
    const options = { prompts: prompts(), configFile: server.configFile() };
    await assert.rejects(connectSsh("-oProxyCommand=id", options), failsWith("ssh/bad-name"));
    await assert.rejects(connectSsh("no-such-host.invalid", options), failsWith("ssh/unknown-host", "no-such-host.invalid"));
    await assert.rejects(connectSsh("127.0.0.1:1", options), failsWith("ssh/refused", "port 1"));
    await assert.rejects(connectSsh(`127.0.0.1:${portOf(silent)}`, { ...options, connectTimeoutMs: 300 }), failsWith("ssh/timeout"));
    await assert.rejects(connectSsh(`127.0.0.1:${portOf(foreign)}`, options), failsWith("ssh/connection-failed"));
    silent.close();
    foreign.close();
  });

  it("can be cancelled while it connects", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const cancel = new AbortController();
    const port = (silent.address() as { port: number }).port;
    const connecting = connectSsh(`127.0.0.1:${port}`, { prompts: prompts(), configFile: server.configFile(), signal: cancel.signal });
    setTimeout(() => cancel.abort(new Error("changed my mind")), 200);
    await assert.rejects(connecting, /changed my mind/);
    silent.close();
  });
});
