import assert from "node:assert/strict";
import { once } from "node:events";
import { errorCode } from "../../src/base/errors";
import { connectSsh } from "../../src/ssh/connectSsh";
import type { Target } from "../../src/target/target";
import { killedEditor } from "../support/killedEditor";
import { markedProcesses, newMark, untilNoneIsLeft } from "../support/markedProcesses";
import { silentProxy } from "../support/silentProxy";
import { SshServer, prompts } from "../support/sshServer";

const failsWith = (code: string) => (error: unknown) => errorCode(error) === code;
const lease = { seconds: 3, renewMs: 500 };
/** A quiet command: one that prints would die at its next write anyway. */
const quiet = (mark: string) => ({ argv: ["sh", "-c", "echo started; sleep 1000; sleep 1000"], env: { mark } }) as const;

describe("lost links", function () {
  this.timeout(60_000);
  let server: SshServer;
  let mark = "";
  before(async () => (server = await SshServer.start()));
  after(() => server.stop());
  beforeEach(() => (mark = newMark()));

  async function expectLost(target: Target, cut: () => void | Promise<void>): Promise<void> {
    const running = await target.start(quiet(mark));
    for await (const chunk of running.stdout) if (chunk.length > 0) break;
    const waiting = target.run({ argv: ["sleep", "1000"], env: { mark }, timeoutMs: 60_000 });
    waiting.catch(() => undefined);
    const closed = once(target.closed, "abort");
    await cut();
    await closed;
    assert.equal(errorCode(target.closed.reason), "target/link-lost");
    await assert.rejects(running.exit, failsWith("target/link-lost"));
    await assert.rejects(waiting, failsWith("target/link-lost"));
    await assert.rejects(target.run({ argv: ["true"] }), failsWith("target/link-lost"));
    await assert.rejects(target.openFile("/etc/passwd"), failsWith("target/link-lost"));
    await untilNoneIsLeft(mark, lease.seconds * 1000 + 5_000);
    await target.dispose();
  }

  it("leave nothing behind when the connection is closed", async () => {
    const target = await connectSsh("server", { prompts: prompts(), configFile: server.configFile(), lease });
    await expectLost(target, () => server.killConnections());
  });

  it("leave nothing behind when the cable is pulled", async () => {
    const proxy = await silentProxy(server.port);
    await server.writeConfig(`Host behind\n  HostName 127.0.0.1\n  HostKeyAlias [127.0.0.1]:${server.port}\n  Port ${proxy.port}\n  IdentityFile ${server.key()}\n  IdentityAgent none\n`);
    try {
      const keepalive = { intervalMs: 500, countMax: 3 };
      const target = await connectSsh("behind", { prompts: prompts(), configFile: server.configFile(), lease, keepalive });
      await expectLost(target, () => proxy.pull());
    } finally {
      proxy.close();
      await server.writeConfig();
    }
  });

  it("leave nothing behind when the editor is killed", async () => {
    await killedEditor(
      `const { connectSsh } = await load("ssh/connectSsh.ts");
       const target = await connectSsh("server", { prompts: {}, configFile: ${JSON.stringify(server.configFile())} });
       const running = await target.start(${JSON.stringify(quiet(mark))});
       for await (const chunk of running.stdout) console.log(String(chunk));`,
      mark,
    );
    await untilNoneIsLeft(mark, 10_000);
  });

  it("are not taken for lost while the lease is renewed", async () => {
    const target = await connectSsh("server", { prompts: prompts(), configFile: server.configFile(), lease: { seconds: 2, renewMs: 300 } });
    const result = await target.run({ argv: ["sh", "-c", "sleep 4; echo done"], env: { mark } });
    assert.equal(Buffer.from(result.stdout).toString(), "done\n");
    const running = await target.start(quiet(mark));
    await target.dispose();
    assert.equal(errorCode(target.closed.reason), "target/disposed");
    assert.equal((await running.exit).code, 143);
    assert.deepEqual(await markedProcesses(mark), []);
  });
});
