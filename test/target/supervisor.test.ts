import assert from "node:assert/strict";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../src/base/errors";
import type { Command } from "../../src/target/command";
import { defaultLease, leaseOf, missingProgram, supervisedArgv, supervisorInput } from "../../src/target/supervisor";
import { eventually } from "../support/eventually";
import { childrenOf, newMark, untilNoneIsLeft } from "../support/markedProcesses";

const shells: Readonly<Record<string, readonly string[]>> = { dash: ["dash"], bash: ["bash"], "busybox ash": ["busybox", "ash"] };

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

interface Supervised {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  readonly output: () => string;
}

/** Runs the supervisor with one shell in place of the `sh` that a target would have. */
function supervise(shell: readonly string[], command: Command, leaseSeconds = defaultLease.seconds, password?: string): Supervised {
  const [, ...rest] = supervisedArgv(command, { ...defaultLease, seconds: leaseSeconds });
  const [program = "sh", ...applet] = shell;
  const child = spawn(program, [...applet, ...rest], { stdio: "pipe", detached: true });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.write(supervisorInput(command, password));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", (error) => reject(new Error(`${program} is needed (Debian package ${program}): ${error.message}`)));
    child.once("close", (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }));
  });
  return { child, ended, output: () => Buffer.concat(stdout).toString() };
}

async function untilPrinted(supervised: Supervised, text: string): Promise<void> {
  await eventually(() => assert.ok(supervised.output().includes(text)));
}

for (const [name, shell] of Object.entries(shells)) {
  describe(`supervisor script in ${name}`, () => {
    let folder = "";
    let mark = "";
    before(async () => (folder = await mkdtemp(join(tmpdir(), "knetscope-supervisor-"))));
    beforeEach(() => (mark = newMark()));
    afterEach(() => untilNoneIsLeft(mark, 3_000));
    after(() => rm(folder, { recursive: true }));
    const marked = (command: Command): Command => ({ ...command, env: { ...command.env, MARK: mark } });

    it("delivers both outputs and the exit status", async () => {
      const result = await supervise(shell, marked({ argv: ["sh", "-c", "echo out; echo err >&2; exit 7"] })).ended;
      assert.deepEqual([result.code, result.stdout.toString(), result.stderr], [7, "out\n", "err\n"]);
    });

    it("hands binary input to the command, then its end", async () => {
      const stdin = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) & 0xff));
      const result = await supervise(shell, marked({ argv: ["cat"], stdin })).ended;
      assert.equal(result.code, 0);
      assert.ok(result.stdout.equals(stdin));
    });

    it("does not mind a command that leaves its input unread", async () => {
      const result = await supervise(shell, marked({ argv: ["sh", "-c", "exit 4"], stdin: Buffer.alloc(300_000) })).ended;
      assert.equal(result.code, 4);
    });

    it("passes over a password that sudo did not read", async () => {
      const result = await supervise(shell, marked({ argv: ["cat"], stdin: Buffer.from("data") }), defaultLease.seconds, "secret").ended;
      assert.equal(result.stdout.toString(), "data");
    });

    it("ends the command on a stop line and still delivers what it prints then", async () => {
      const script = "trap 'echo bye; sleep 0.2; echo bye again; exit 9' TERM; echo ready; while :; do sleep 0.1; done";
      const supervised = supervise(shell, marked({ argv: ["sh", "-c", script] }));
      await untilPrinted(supervised, "ready");
      supervised.child.stdin.write("stop\n");
      const result = await supervised.ended;
      assert.deepEqual([result.code, result.stdout.toString()], [9, "ready\nbye\nbye again\n"]);
    });

    it("ends the command when its input ends", async () => {
      const supervised = supervise(shell, marked({ argv: ["sh", "-c", "echo ready; exec sleep 1000"] }));
      await untilPrinted(supervised, "ready");
      supervised.child.stdin.end();
      assert.equal((await supervised.ended).code, 143);
    });

    it("sends the signal that the command wants", async () => {
      const supervised = supervise(shell, marked({ argv: ["perl", "-e", '$| = 1; $SIG{INT} = sub { print "int\\n"; exit 3 }; print "ready\\n"; sleep 1 while 1'], stopSignal: "INT" }));
      await untilPrinted(supervised, "ready");
      supervised.child.stdin.end("stop\n");
      const result = await supervised.ended;
      assert.deepEqual([result.code, result.stdout.toString()], [3, "ready\nint\n"]);
    });

    it("ends what the command left running", async () => {
      const result = await supervise(shell, marked({ argv: ["sh", "-c", "sleep 1000 & exit 5"] })).ended;
      assert.equal(result.code, 5);
    });

    it("undoes after the command, also after one that does not exist", async () => {
      const file = join(folder, `undo-${mark}`);
      const undo: Command["undo"] = [["sh", "-c", 'echo "$1" >>"$2"', "x", "it's done", file], ["false"], ["sh", "-c", 'echo second >>"$1"', "x", file]];
      await supervise(shell, marked({ argv: ["true"], undo })).ended;
      assert.equal(await readFile(file, "utf8"), "it's done\nsecond\n");
      const result = await supervise(shell, marked({ argv: ["no-such-program", "x"], undo })).ended;
      assert.equal(missingProgram(result.code ?? undefined, result.stderr), "no-such-program");
      assert.equal(await readFile(file, "utf8"), "it's done\nsecond\nit's done\nsecond\n");
    });

    it("ends and undoes even when the supervisor's shells are killed", async () => {
      const file = join(folder, `killed-${mark}`);
      const supervised = supervise(shell, marked({ argv: ["sh", "-c", "echo ready; exec sleep 1000"], undo: [["touch", file]] }));
      await untilPrinted(supervised, "ready");
      // The judge is a child of the main shell, and so is the rest of the pipeline; the ticker is further down and outlives them.
      const main = supervised.child.pid ?? 0;
      for (const pid of [...(await childrenOf(main)), main]) process.kill(pid, "SIGKILL");
      supervised.child.stdin.end();
      await eventually(() => stat(file));
    });

    it("runs nothing when the link breaks before the command was begun", async () => {
      const [, ...rest] = supervisedArgv(marked({ argv: ["touch", join(folder, "never")] }), defaultLease);
      const [program = "sh", ...applet] = shell;
      const child = spawn(program, [...applet, ...rest], { stdio: "pipe" });
      child.stdin.end("a password\n");
      const code = await new Promise((resolve) => child.once("close", resolve));
      assert.equal(code, 125);
      await assert.rejects(stat(join(folder, "never")));
    });
  });
}

describe("supervisor script in every shell at once", () => {
  const inEveryShell = async (check: (shell: readonly string[], mark: string) => Promise<void>): Promise<void> => {
    await Promise.all(
      Object.values(shells).map(async (shell) => {
        const mark = newMark();
        await check(shell, mark);
        await untilNoneIsLeft(mark, 3_000);
      }),
    );
  };

  it("ends the command when nobody renews its lease", () =>
    inEveryShell(async (shell, mark) => {
      assert.equal((await supervise(shell, { argv: ["sleep", "1000"], env: { mark } }, 1).ended).code, 143);
    }));

  it("lets the command live while its lease is renewed", () =>
    inEveryShell(async (shell, mark) => {
      const supervised = supervise(shell, { argv: ["sh", "-c", "sleep 3; echo done"], env: { mark } }, 2);
      const renewing = setInterval(() => supervised.child.stdin.write("renew\n"), 500);
      const result = await supervised.ended.finally(() => clearInterval(renewing));
      assert.deepEqual([result.code, result.stdout.toString()], [0, "done\n"]);
    }));

  it("kills what does not listen", () =>
    inEveryShell(async (shell, mark) => {
      const supervised = supervise(shell, { argv: ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"], env: { mark } });
      await untilPrinted(supervised, "ready");
      supervised.child.stdin.end();
      assert.equal((await supervised.ended).code, 137);
    }));
});

describe("leaseOf", () => {
  it("shortens the lease for a command that asks for less, and never lengthens it", () => {
    const lease = { seconds: 9, renewMs: 2000 };
    assert.deepEqual([leaseOf({ argv: ["x"] }, lease), leaseOf({ argv: ["x"], leaseSeconds: 20 }, lease), leaseOf({ argv: ["x"], leaseSeconds: 5 }, lease)], [lease, lease, { seconds: 5, renewMs: 1250 }]);
  });
});

describe("supervisedArgv", () => {
  it("puts sudo before the supervisor", () => {
    const argv = supervisedArgv({ argv: ["true"] }, defaultLease, ["sudo", "-n", "--"]);
    assert.deepEqual(argv.slice(0, 5), ["sudo", "-n", "--", "sh", "-c"]);
  });

  it("refuses what Linux would not take", () => {
    assert.throws(() => supervisedArgv({ argv: ["echo", "x".repeat(130_000)] }, defaultLease), (error) => errorCode(error) === "target/command-too-long");
    assert.throws(() => supervisedArgv({ argv: ["true"], env: { "a b": "c" } }, defaultLease), (error) => errorCode(error) === "target/bad-environment");
  });
});
