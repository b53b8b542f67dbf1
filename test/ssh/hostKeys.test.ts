import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { errorCode } from "../../src/base/errors";
import { connectSsh } from "../../src/ssh/connectSsh";
import type { HostKeyQuestion, SshPrompts } from "../../src/ssh/sshPrompts";
import { SshServer, makeKey, prompts } from "../support/sshServer";

const failsWith = (code: string, ...words: string[]) => (error: Error): boolean => {
  assert.equal(errorCode(error), code, error.message);
  for (const word of words) assert.ok(error.message.includes(word), error.message);
  return true;
};

describe("host keys", () => {
  let server: SshServer;
  before(async () => (server = await SshServer.start({ hostKeyTypes: ["ed25519", "rsa", "ecdsa"] })));
  after(() => server.stop());
  beforeEach(() => rm(server.knownHosts(), { force: true }));

  const fingerprintOf = (type: string): string => execFileSync("ssh-keygen", ["-l", "-f", `${server.hostKey(type)}.pub`]).toString().split(" ")[1] ?? "";
  const connect = async (answers: Partial<SshPrompts> = {}): Promise<readonly string[]> => {
    const asking = prompts(answers);
    const target = await connectSsh("server", { prompts: asking, configFile: server.configFile() });
    await target.dispose();
    return asking.asked;
  };
  const publicKey = async (type: string): Promise<string> => (await readFile(`${server.hostKey(type)}.pub`, "utf8")).split(" ").slice(0, 2).join(" ");
  const remember = (line: string): Promise<void> => writeFile(server.knownHosts(), `# mine\n${line}`);

  it("asks about an unknown key with its fingerprint", async () => {
    const questions: HostKeyQuestion[] = [];
    const acceptHostKey: SshPrompts["acceptHostKey"] = (question) => {
      questions.push(question);
      return Promise.resolve("no");
    };
    await assert.rejects(connect({ acceptHostKey }), failsWith("ssh/host-key-refused", fingerprintOf("ed25519")));
    assert.deepEqual(questions, [{ host: "127.0.0.1", port: server.port, keyType: "ssh-ed25519", fingerprint: fingerprintOf("ed25519") }]);
    await assert.rejects(stat(server.knownHosts()));
  });

  it("remembers a key only when told to, for us alone to read", async () => {
    assert.deepEqual(await connect({ acceptHostKey: () => Promise.resolve("once") }), ["acceptHostKey"]);
    await assert.rejects(stat(server.knownHosts()));
    assert.deepEqual(await connect({ acceptHostKey: () => Promise.resolve("always") }), ["acceptHostKey"]);
    assert.equal((await stat(server.knownHosts())).mode & 0o777, 0o600);
    assert.equal(await readFile(server.knownHosts(), "utf8"), `[127.0.0.1]:${server.port} ${await publicKey("ed25519")}\n`);
    assert.deepEqual(await connect(), []);
  });

  it("appends to what is there, on a line of its own", async () => {
    await remember(`other.example ${await publicKey("rsa")}`);
    await connect({ acceptHostKey: () => Promise.resolve("always") });
    assert.deepEqual(await connect(), []);
    assert.equal((await readFile(server.knownHosts(), "utf8")).split("\n").length, 4);
  });

  it("prefers the kind of key that is known", async () => {
    await remember(`[127.0.0.1]:${server.port} ${await publicKey("rsa")}\n`);
    assert.deepEqual(await connect(), []);
    await remember(`[127.0.0.1]:* ${await publicKey("ecdsa")}\n`);
    assert.deepEqual(await connect(), []);
  });

  it("refuses a changed key and says all about it", async () => {
    const other = await makeKey(`${server.folder}/other-host-key`);
    const [type = "", base64 = ""] = (await readFile(`${other}.pub`, "utf8")).split(" ");
    await remember(`[127.0.0.1]:${server.port} ${type} ${base64}\n`);
    const old = execFileSync("ssh-keygen", ["-l", "-f", `${other}.pub`]).toString().split(" ")[1] ?? "";
    const remedy = `ssh-keygen -f ${server.knownHosts()} -R '[127.0.0.1]:${server.port}'`;
    await assert.rejects(connect(), failsWith("ssh/host-key-changed", `${server.knownHosts()}:2`, old, fingerprintOf("ed25519"), remedy));
    execFileSync("sh", ["-c", remedy], { stdio: "ignore" });
    await assert.rejects(connect(), failsWith("ssh/host-key-refused"));
  });

  it("refuses a revoked key", async () => {
    await remember(`[127.0.0.1]:${server.port} ${await publicKey("ed25519")}\n@revoked * ${await publicKey("ed25519")}\n`);
    await assert.rejects(connect(), failsWith("ssh/host-key-revoked", `${server.knownHosts()}:3`));
  });

  it("obeys StrictHostKeyChecking and HashKnownHosts", async () => {
    const login = `  IdentityFile ${server.key()}\n`;
    await server.writeConfig("", `${login}  StrictHostKeyChecking yes\n`);
    await assert.rejects(connect({ acceptHostKey: () => Promise.resolve("always") }), failsWith("ssh/host-key-refused", "StrictHostKeyChecking"));
    await server.writeConfig("", `${login}  StrictHostKeyChecking accept-new\n  HashKnownHosts yes\n`);
    assert.deepEqual(await connect(), []);
    assert.match(await readFile(server.knownHosts(), "utf8"), /^\|1\|.* ssh-ed25519 /);
    await server.writeConfig("", `${login}  HostKeyAlias the-alias\n  StrictHostKeyChecking yes\n`);
    await remember(`the-alias ${await publicKey("ed25519")}\n`);
    assert.deepEqual(await connect(), []);
    await server.writeConfig();
  });
});
