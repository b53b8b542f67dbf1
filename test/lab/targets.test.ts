import assert from "node:assert/strict";
import { once } from "node:events";
import { errorCode } from "../../src/base/errors";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import type { SshConnectOptions } from "../../src/ssh/connectSsh";
import { connectSsh } from "../../src/ssh/connectSsh";
import type { SshPrompts } from "../../src/ssh/sshPrompts";
import type { Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { prompts } from "../support/sshServer";
import { downLab } from "./downLab";
import { inGuest, setLink } from "./guestControl";
import type { LabState } from "./labState";
import { ownTarget } from "./ownTarget";
import { upLab } from "./upLab";

const failsWith = (code: string, ...words: string[]) => (error: Error): boolean => {
  assert.equal(errorCode(error), code, error.message);
  for (const word of words) assert.ok(error.message.includes(word), error.message);
  return true;
};

/** Its own instances: it pulls their cables. */
const names = { full: ownTarget("targets-test"), bare: ownTarget("targets-test-bare") };

describe("targets in the lab", function () {
  this.timeout(240_000);
  let full: LabState;
  let bare: LabState;
  before(async () => {
    full = await upLab("6.1", { name: names.full });
    bare = await upLab("bare", { name: names.bare });
  });
  after(async () => {
    await downLab(names.full);
    await downLab(names.bare);
  });

  const passwordOf = (user: string): string => full.users.find(({ name }) => name === user)?.password ?? "";
  async function using<T>(alias: string, answers: Partial<SshPrompts>, work: (target: Target, asked: readonly string[]) => Promise<T>, more: Partial<SshConnectOptions> = {}): Promise<T> {
    const asking = prompts(answers);
    const target = await connectSsh(alias, { prompts: asking, configFile: full.sshConfigFile, ...more });
    return work(target, asking.asked).finally(() => target.dispose());
  }
  const idAsRoot = async (target: Target): Promise<string> => Buffer.from((await target.run({ argv: ["cat"], stdin: Buffer.from("in\0put\n"), privilege: "root" })).stdout).toString();
  const sudoPassword: SshPrompts["sudoPassword"] = ({ user }) => Promise.resolve(passwordOf(user));

  it("know the kernel that runs there", () =>
    using(full.alias, {}, async (target) => {
      const facts = await runProbe(target, hostFactsProbe);
      assert.deepEqual([facts.release, facts.machine, facts.endianness, facts.wordSize, facts.uid, facts.user], [full.release, "x86_64", "little", 8, 0, "root"]);
      assert.match(facts.buildId ?? "", /^[0-9a-f]{40}$/);
      assert.deepEqual([facts.os.id, facts.programs.bpftrace, facts.programs.ss], ["debian", "/usr/bin/bpftrace", "/usr/bin/ss"]);
    }));

  it("know a host that has nothing but a busybox", () =>
    using(bare.alias, {}, async (target) => {
      const facts = await runProbe(target, hostFactsProbe);
      assert.match(facts.buildId ?? "", /^[0-9a-f]{40}$/);
      assert.deepEqual([facts.programs.bpftrace, facts.programs.perl, facts.programs.python3], [undefined, undefined, undefined]);
      assert.ok(facts.programs.od !== undefined);
      assert.equal(await idAsRoot(target), "in\0put\n");
      const file = await target.openFile("/bin/busybox");
      assert.equal(Buffer.from(await file.read(1, 3)).toString(), "ELF");
      assert.equal((await file.read(100_001, 70_000)).length, 70_000);
      await assert.rejects(target.openFile("/none"), failsWith("target/no-such-file"));
    }));

  it("become root by a password that is asked for once", () =>
    using(`${full.alias}-knet`, { sudoPassword }, async (target, asked) => {
      assert.equal(await idAsRoot(target), "in\0put\n");
      assert.equal(await idAsRoot(target), "in\0put\n");
      const shadow = await target.openFile("/etc/shadow");
      assert.equal(Buffer.from(await shadow.read(0, 5)).toString(), "root:");
      assert.deepEqual(asked, ["sudoPassword"]);
    }));

  it("become root without a password where that is allowed", () => using(`${full.alias}-knet-nopass`, {}, async (target) => assert.equal(await idAsRoot(target), "in\0put\n")));

  it("say why they cannot become root", async () => {
    await using(`${full.alias}-knet-plain`, { sudoPassword }, (target) => assert.rejects(idAsRoot(target), failsWith("target/no-sudo", "knet-plain", "does not permit")));
    await using(`${full.alias}-knet`, { sudoPassword: () => Promise.resolve("wrong") }, (target) => assert.rejects(idAsRoot(target), failsWith("target/wrong-password")));
    await using(`${full.alias}-knet`, {}, (target) => assert.rejects(idAsRoot(target), failsWith("target/no-sudo", "not given")));
    await using(`${bare.alias}-knet`, { sudoPassword }, (target) => assert.rejects(idAsRoot(target), failsWith("target/no-sudo", "there is no sudo")));
  });

  it("say that a file is not for us when root is out of reach", () =>
    using(`${full.alias}-knet-plain`, { sudoPassword }, (target) => assert.rejects(target.openFile("/etc/shadow"), failsWith("target/permission-denied"))));

  it("are entered by keyboard-interactive and by password", async () => {
    await using(
      `${full.alias}-knet-kbd`,
      { keyboardInteractive: ({ prompts: questions }) => Promise.resolve(questions.map(() => passwordOf("knet-kbd"))) },
      async (_target, asked) => {
        assert.deepEqual(asked, ["keyboardInteractive"]);
        return Promise.resolve();
      },
    );
    await using(
      `${full.alias}-knet-password`,
      { password: ({ attempt }) => Promise.resolve(attempt === 1 ? "wrong" : passwordOf("knet-password")) },
      async (_target, asked) => {
        assert.deepEqual(asked, ["password", "password"]);
        return Promise.resolve();
      },
    );
    await assert.rejects(using(`${full.alias}-knet-password`, { password: () => Promise.resolve("wrong") }, () => Promise.resolve()), failsWith("ssh/auth-failed", "password"));
    await assert.rejects(using(`${full.alias}-knet-password`, {}, () => Promise.resolve()), failsWith("ssh/cancelled"));
  });

  it("are entered through a jump host", () => using(`${full.alias}-jump`, {}, async (target) => assert.equal(await idAsRoot(target), "in\0put\n")));

  for (const [what, alias] of [["as root", ""], ["under sudo", "-knet"]] as const) {
    it(`end a quiet tracer ${what} and undo, though the cable was pulled`, async () => {
      const mark = `/run/knetscope-lost-link${alias}`;
      await inGuest(full, `touch ${mark}`);
      const lease = { seconds: 5, renewMs: 1_000 };
      const keepalive = { intervalMs: 1_000, countMax: 3 };
      await using(
        `${full.alias}${alias}`,
        { sudoPassword },
        async (target) => {
          const program = 'kprobe:tcp_v4_send_reset { @[kstack] = count(); } interval:s:1 { if (@ready == 0) { printf("ready\\n"); @ready = 1; } }';
          const running = await target.start({ argv: ["bpftrace", "-B", "line", "-e", program], privilege: "root", undo: [["rm", mark]] });
          for await (const chunk of running.stdout) if (Buffer.from(chunk).toString().includes("ready")) break;
          assert.match(await inGuest(full, "pgrep -x bpftrace"), /\d/);
          const closed = once(target.closed, "abort");
          await setLink(full.name, false);
          await closed;
          assert.equal(errorCode(target.closed.reason), "target/link-lost");
          await assert.rejects(running.exit, failsWith("target/link-lost"));
          await new Promise((resolve) => setTimeout(resolve, lease.seconds * 1000));
          await setLink(full.name, true);
          await eventually(async () => assert.equal((await inGuest(full, `pgrep -x bpftrace; pgrep -f [K]NetScope: ; ls ${mark} 2>/dev/null; true`)).trim(), ""), 30_000);
        },
        { lease, keepalive },
      );
      await using(`${full.alias}${alias}`, { sudoPassword }, async (target) => assert.equal(await idAsRoot(target), "in\0put\n"));
    });
  }
});
