import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../src/base/errors";
import { localTarget } from "../../src/target/localTarget";
import type { Target } from "../../src/target/target";
import { killedEditor } from "../support/killedEditor";
import { newMark, untilNoneIsLeft } from "../support/markedProcesses";

const failsWith = (code: string) => (error: unknown) => errorCode(error) === code;
const textOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  let text = "";
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
};

describe("localTarget", () => {
  let target: Target;
  let mark = "";
  before(() => (target = localTarget()));
  after(() => target.dispose());
  beforeEach(() => (mark = newMark()));
  afterEach(() => untilNoneIsLeft(mark, 5_000));

  it("runs commands with input, environment and arguments as they are", async () => {
    const words = ["a b", "it's", "$HOME", "`id`", "\n", "", "-n", "*", "\\"];
    const result = await target.run({ argv: ["sh", "-c", 'cat; printf "[%s]" "$SOME" "$@"; echo no >&2; exit 3', "x", ...words], stdin: Buffer.from("in\0put"), env: { SOME: "it's $x", mark } });
    assert.equal(Buffer.from(result.stdout).toString(), `in\0put[it's $x]${words.map((word) => `[${word}]`).join("")}`);
    assert.deepEqual([result.code, result.stderr], [3, "no\n"]);
  });

  it("finds the programs of system administrators and speaks no foreign language", async () => {
    const result = await target.run({ argv: ["sh", "-c", "echo $PATH $LC_ALL"] });
    assert.match(Buffer.from(result.stdout).toString(), /:\/usr\/sbin:.* C\n$/);
  });

  it("names a program that is not there", async () => {
    await assert.rejects(target.run({ argv: ["no-such-program"] }), failsWith("target/command-not-found"));
    const running = await target.start({ argv: ["no-such-program"] });
    await assert.rejects(running.exit, failsWith("target/command-not-found"));
  });

  it("ends what takes too long", async () => {
    await assert.rejects(target.run({ argv: ["sleep", "1000"], timeoutMs: 300, env: { mark } }), failsWith("target/timeout"));
  });

  it("ends what is cancelled and says the reason of the cancellation", async () => {
    const cancel = new AbortController();
    const reason = new Error("not wanted any more");
    const result = target.run({ argv: ["sleep", "1000"], env: { mark } }, cancel.signal);
    setTimeout(() => cancel.abort(reason), 300);
    await assert.rejects(result, reason);
    await assert.rejects(target.run({ argv: ["true"] }, cancel.signal), reason);
  });

  it("delivers what a command prints while it is being stopped", async () => {
    const running = await target.start({ argv: ["sh", "-c", "trap 'echo last words; exit 2' TERM; echo ready; while :; do sleep 0.1; done"], env: { mark } });
    const iterator = running.stdout[Symbol.asyncIterator]();
    assert.equal(Buffer.from((await iterator.next()).value as Uint8Array).toString(), "ready\n");
    assert.equal((await running.stop()).code, 2);
    assert.equal(Buffer.from((await iterator.next()).value as Uint8Array).toString(), "last words\n");
    assert.equal((await iterator.next()).done, true);
  });

  it("passes large outputs completely, to a slow reader too", async () => {
    const running = await target.start({ argv: ["sh", "-c", "head -c 20000000 /dev/zero; echo end"], env: { mark } });
    let length = 0;
    for await (const chunk of running.stdout) {
      length += chunk.length;
      if (length < 5_000_000) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal(length, 20_000_004);
    assert.deepEqual(await running.exit, { code: 0 });
  });

  it("can be stopped when nobody reads, and when the reader left early", async () => {
    const unread = await target.start({ argv: ["sh", "-c", "yes"], env: { mark } });
    assert.equal((await unread.stop()).code, 143);
    const left = await target.start({ argv: ["sh", "-c", "yes"], env: { mark } });
    for await (const chunk of left.stdout) if (chunk.length > 0) break;
    assert.equal((await left.stop()).code, 143);
  });

  it("says what goes wrong on standard error while it runs", async () => {
    const running = await target.start({ argv: ["sh", "-c", "echo trouble >&2"], env: { mark } });
    assert.equal(await textOf(running.stderr), "trouble\n");
  });

  it("reads files by ranges", async () => {
    const folder = await mkdtemp(join(tmpdir(), "knetscope-local-"));
    try {
      const path = join(folder, "file");
      await writeFile(path, "0123456789");
      const file = await target.openFile(path);
      assert.equal(file.size, 10);
      assert.equal(Buffer.from(await file.read(3, 4)).toString(), "3456");
      assert.equal(Buffer.from(await file.read(8, 4)).toString(), "89");
      assert.equal((await file.read(20, 4)).length, 0);
      await file.close();
      assert.equal((await target.stat(path))?.size, 10);
      assert.equal((await target.stat(folder))?.isDirectory, true);
      assert.equal(await target.stat(join(folder, "none")), undefined);
      assert.equal(await target.stat(join(path, "below a file")), undefined);
      await assert.rejects(target.openFile(join(folder, "none")), failsWith("target/no-such-file"));
      await assert.rejects(target.openFile(folder), failsWith("target/not-a-file"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("ends everything when it is disposed, and then refuses work", async () => {
    const own = localTarget();
    const running = await own.start({ argv: ["sleep", "1000"], env: { mark } });
    await own.dispose();
    assert.equal((await running.exit).code, 143);
    assert.equal(errorCode(own.closed.reason), "target/disposed");
    await assert.rejects(own.run({ argv: ["true"] }), failsWith("target/disposed"));
  });

  it("leaves nothing behind when the editor is killed", async () => {
    await killedEditor(
      `const { localTarget } = await load("target/localTarget.ts");
       const running = await localTarget().start({ argv: ["sh", "-c", "echo started; exec sleep 1000"], env: { mark } });
       for await (const chunk of running.stdout) console.log(String(chunk));`,
      mark,
    );
    await untilNoneIsLeft(mark, 10_000);
  });
});
