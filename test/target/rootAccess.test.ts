import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { errorCode } from "../../src/base/errors";
import type { OpenChannel } from "../../src/target/channel";
import { RootAccess } from "../../src/target/rootAccess";

interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Channels that answer what real hosts answered (sudo 1.9.13), in order, and keep what was written to them. */
function answering(answers: readonly Answer[]): { readonly open: OpenChannel; readonly inputs: string[]; readonly argvs: (readonly string[])[] } {
  const [inputs, argvs]: [string[], (readonly string[])[]] = [[], []];
  const open: OpenChannel = (argv) => {
    const answer = answers[argvs.push(argv) - 1] ?? {};
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdin.on("data", (chunk: Buffer) => inputs.push(chunk.toString()));
    stdout.end(answer.stdout ?? "");
    stderr.end(answer.stderr ?? "");
    const closed = Promise.all([stdin, stdout, stderr].map((stream) => new Promise((resolve) => stream.once("end", resolve)))).then(() => ({ code: 0 }));
    return Promise.resolve({ stdin, stdout, stderr, closed, destroy: () => undefined });
  };
  return { open, inputs, argvs };
}

const wants = { stdout: "knet\nsudo: a password is required\n" };
const wrong = { stderr: "Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt\n" };
const asking = (...passwords: (string | undefined)[]) => ({ attempt }: { attempt: number }) => Promise.resolve(passwords[attempt - 1]);

async function refusal(answers: readonly Answer[], ...passwords: (string | undefined)[]): Promise<[string | undefined, string]> {
  const access = new RootAccess("h", answering(answers).open, asking(...passwords));
  const error: unknown = await access.obtain().then(() => undefined, (reason: unknown) => reason);
  return [errorCode(error), (error as Error).message];
}

describe("RootAccess", () => {
  it("needs nothing when we are root", async () => {
    const host = answering([{ stdout: "root\nroot\n" }]);
    const access = new RootAccess("h", host.open, undefined);
    assert.deepEqual(await access.obtain(), { prefix: [] });
    assert.deepEqual(await access.obtain(), { prefix: [] });
    assert.equal(host.argvs.length, 1);
  });

  it("uses sudo without a password where that works", async () => {
    const access = new RootAccess("h", answering([{ stdout: "knet\nknetscope-root\n" }]).open, undefined);
    assert.deepEqual(await access.obtain(), { prefix: ["env", "LC_ALL=C", "sudo", "-n", "--"] });
  });

  it("asks again after a wrong password, and gives passwords over standard input only", async () => {
    const host = answering([wants, wrong, { stdout: "knetscope-root\n" }]);
    const found = await new RootAccess("h", host.open, asking("no", "yes")).obtain();
    assert.equal(found.password, "yes");
    assert.deepEqual(host.inputs, ["no\n", "yes\n"]);
    assert.ok(host.argvs.every((argv) => argv.every((word) => word !== "no" && word !== "yes")));
  });

  it("tells apart why not", async () => {
    assert.deepEqual(await refusal([wants, wrong, wrong, wrong], "a", "b", "c"), ["target/wrong-password", "the password of knet was wrong 3 times"]);
    assert.deepEqual(await refusal([{ stdout: "knet\nno-sudo-program\n" }]), ["target/no-sudo", "knet cannot become root: it is not root and there is no sudo"]);
    assert.deepEqual(await refusal([{ stdout: "knet\nsudo: sorry, you must have a tty to run sudo\n" }]), [
      "target/no-sudo",
      "knet cannot become root: sudo there insists on a terminal (requiretty in sudoers)",
    ]);
    assert.deepEqual(await refusal([wants, { stderr: "knet is not in the sudoers file.\n" }], "a"), ["target/no-sudo", "knet cannot become root: sudo does not permit it to this user"]);
    assert.deepEqual(await refusal([wants], undefined), ["target/no-sudo", "sudo wants the password of knet, which was not given"]);
    assert.deepEqual(await refusal([{ stdout: "knet\nsudo: something new\n" }]), ["target/no-sudo", "knet cannot become root: sudo: something new"]);
  });

  it("asks once more after a question was left unanswered, but not after a plain no", async () => {
    const unanswered = answering([wants, wants, { stdout: "knetscope-root\n" }]);
    const passwords = [undefined, "yes"];
    const access = new RootAccess("h", unanswered.open, () => Promise.resolve(passwords.shift()));
    await assert.rejects(access.obtain());
    assert.equal((await access.obtain()).password, "yes");
    const refused = answering([{ stdout: "knet\nno-sudo-program\n" }]);
    const never = new RootAccess("h", refused.open, undefined);
    await assert.rejects(never.obtain());
    await assert.rejects(never.obtain());
    assert.equal(refused.argvs.length, 1);
  });
});
