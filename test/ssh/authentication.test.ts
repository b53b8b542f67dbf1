import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../src/base/errors";
import { connectSsh } from "../../src/ssh/connectSsh";
import type { SshPrompts } from "../../src/ssh/sshPrompts";
import { eventually } from "../support/eventually";
import { SshServer, makeKey, prompts } from "../support/sshServer";

const failsWith = (code: string, ...words: string[]) => (error: Error): boolean => {
  assert.equal(errorCode(error), code, error.message);
  for (const word of words) assert.ok(error.message.includes(word), error.message);
  return true;
};

describe("authentication", function () {
  this.timeout(60_000);
  let server: SshServer;
  before(async () => (server = await SshServer.start()));
  after(() => server.stop());
  const file = (name: string): string => join(server.folder, name);
  const connect = async (options: string, answers: Partial<SshPrompts> = {}): Promise<readonly string[]> => {
    await server.writeConfig("", options);
    const asking = prompts(answers);
    const target = await connectSsh("server", { prompts: asking, configFile: server.configFile() });
    await target.dispose();
    return asking.asked;
  };

  for (const type of ["ed25519", "rsa", "ecdsa"]) {
    it(`uses a key of type ${type}`, async () => {
      await server.authorize(`${await makeKey(file(`of-${type}`), type)}.pub`);
      assert.deepEqual(await connect(`  IdentityFile ${file(`of-${type}`)}\n  IdentityAgent none\n`), []);
    });
  }

  it("asks for a passphrase until it is right", async () => {
    await server.authorize(`${await makeKey(file("locked"), "ed25519", "open sesame")}.pub`);
    const passphrase: SshPrompts["passphrase"] = ({ keyFile, attempt }) => {
      assert.equal(keyFile, file("locked"));
      return Promise.resolve(attempt === 3 ? "open sesame" : "wrong");
    };
    const options = `  IdentityFile ${file("locked")}\n  IdentityAgent none\n`;
    assert.equal((await connect(options, { passphrase })).length, 3);
    await rename(file("locked.pub"), file("away.pub"));
    assert.equal((await connect(options, { passphrase })).length, 3);
    await assert.rejects(connect(options, { passphrase: () => Promise.resolve("wrong") }), failsWith("ssh/auth-failed", "publickey (1 key)", "wrong 3 times"));
    await assert.rejects(connect(options), failsWith("ssh/auth-failed", "the passphrase was not given"));
  });

  it("does not ask for the passphrase of a key that the server would not take", async () => {
    await makeKey(file("useless"), "ed25519", "secret");
    const both = `  IdentityFile ${file("useless")}\n  IdentityFile ${server.key()}\n  IdentityAgent none\n`;
    assert.deepEqual(await connect(both), []);
  });

  it("says what was tried", async () => {
    await makeKey(file("stranger"));
    await assert.rejects(
      connect(`  IdentityFile ${file("stranger")}\n  IdentityFile ${file("missing")}\n  IdentityAgent ${file("no-agent")}\n  IdentitiesOnly yes\n`),
      failsWith("ssh/auth-failed", server.user, "publickey (1 key)", "it offers: publickey", "no-agent did not answer"),
    );
    await assert.rejects(connect("  PubkeyAuthentication no\n"), failsWith("ssh/auth-failed", "nothing could be tried"));
  });

  describe("with an agent", () => {
    let agent: ChildProcess;
    const socket = (): string => file("agent");
    before(async () => {
      agent = spawn("ssh-agent", ["-D", "-a", socket()], { stdio: "ignore" });
      const failed = once(agent, "error").then(([error]) => Promise.reject(new Error(`ssh-agent is needed (Debian package openssh-client): ${String(error)}`)));
      await Promise.race([failed, eventually(() => stat(socket()))]);
      await makeKey(file("held"));
      await makeKey(file("other"), "rsa");
      const env = { ...process.env, SSH_AUTH_SOCK: socket() };
      for (const name of ["other", "held"]) execFileSync("ssh-add", ["-q", file(name)], { env, stdio: "ignore" });
      await server.authorize(`${file("held")}.pub`);
      await server.authorize(`${file("other")}.pub`);
      // Only the agent has the private halves now.
      await rename(file("held"), file("held-away"));
      await rename(file("other"), file("other-away"));
    });
    after(async () => {
      agent.kill();
      await once(agent, "exit");
    });

    it("uses its keys", async () => assert.deepEqual(await connect(`  IdentityAgent ${socket()}\n`), []));

    it("uses the key that is named, by its public half", async () => {
      assert.deepEqual(await connect(`  IdentityAgent ${socket()}\n  IdentitiesOnly yes\n  IdentityFile ${file("other")}\n`), []);
    });

    it("leaves its keys alone when only named ones are wanted", async () => {
      await makeKey(file("alone"));
      await assert.rejects(connect(`  IdentityAgent ${socket()}\n  IdentitiesOnly yes\n  IdentityFile ${file("alone")}\n`), failsWith("ssh/auth-failed", "(1 key)"));
    });
  });
});
