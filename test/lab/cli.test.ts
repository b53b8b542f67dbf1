/** The main job from a terminal, as a script would do it: the built command line against both kernels of the lab. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { downLab } from "./downLab";
import { ensureDebug, ensureSource } from "./ensureDebug";
import { setLink } from "./guestControl";
import { fullKernels } from "./labKernel";
import type { LabState } from "./labState";
import { ownTarget } from "./ownTarget";
import { holdScenario, runScenario } from "./runScenario";
import { upLab } from "./upLab";

const cli = join(import.meta.dirname, "../../dist/cli.js");

interface Ended {
  readonly code: number | null;
  readonly objects: readonly Record<string, unknown>[];
  readonly stderr: string;
}

interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves when stderr says this. */
  said(text: string): Promise<void>;
  interrupt(): void;
}

function knetscope(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const objects = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ code, objects, stderr });
    });
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stderr.includes(text)) resolve();
      };
      child.stderr.on("data", look);
      child.once("close", () => reject(new Error(`it ended and never said “${text}”, but: ${stderr}`)));
      look();
    });
  return { ended, said, interrupt: () => child.kill("SIGINT") };
}

type Group = Readonly<{ count: number; cause: { id: string; confidence: string }; stack: readonly { symbol: string; status: string; frames: readonly { file: string; line: number }[] }[] }>;

for (const kernel of fullKernels) {
  describe(`knetscope against Linux ${kernel}`, function () {
    this.timeout(240_000);
    const name = ownTarget(`cli-${kernel}`);
    let target: LabState;
    const onHost = (...args: readonly string[]): Running => knetscope(...args, "--json", "--host", target.alias, "--ssh-config", target.sshConfigFile);
    const withFiles = (...args: readonly string[]): Running =>
      onHost(...args, "--vmlinux", target.vmlinux ?? "", "--modules", target.debugDir ?? "", "--source", target.sourceTarball ?? "");

    before(async () => {
      assert.ok(existsSync(cli), "dist/cli.js is missing: npm run build");
      await ensureDebug(kernel);
      await ensureSource(kernel);
      target = await upLab(kernel, { name });
    });
    after(() => downLab(name));

    it("listeners: queue, limit and process of sshd", async () => {
      const { code, objects, stderr } = await onHost("listeners").ended;
      assert.equal(code, 0, stderr);
      const sshd = objects.find(({ local }) => (local as { address: string; port: number }).port === 22 && (local as { address: string }).address === "0.0.0.0");
      assert.deepEqual(sshd?.["acceptQueue"], { length: 0, limit: 128 });
      assert.deepEqual((sshd["processes"] as { name: string }[]).map((process) => process.name), ["sshd"]);
    });

    it("listeners: a full accept queue is said", async () => {
      const held = await holdScenario("accept-queue-overflow", name, 120);
      const { objects, stderr } = await onHost("listeners").ended;
      await held.end();
      const full = objects.find(({ local }) => (local as { port: number }).port === held.result.listener?.[1]);
      assert.deepEqual(full?.["acceptQueue"], { length: 3, limit: 2 });
      assert.equal(full["health"], "full");
      assert.match(stderr, /Accept queue of .* is full/);
    });

    it("listeners: what cannot be known without tcp_diag is null, with the reason and the remedy", async () => {
      const held = await holdScenario("tcp-diag-blocked", name, 120);
      const { code, objects, stderr } = await onHost("listeners").ended;
      await held.end();
      assert.equal(code, 0, stderr);
      const sshd = objects.find(({ local }) => (local as { port: number }).port === 22);
      assert.deepEqual(sshd?.["acceptQueue"], { length: 0, limit: null });
      assert.match(stderr, /tcp_diag/);
    });

    it("trace resets: three scenarios, three causes, and the source line that sent one of them", async () => {
      const trace = withFiles("trace", "resets");
      await trace.said("Tracing: TCP resets");
      for (const scenario of ["closed-port", "close-unread", "linger-zero"]) assert.equal((await runScenario(scenario, name)).seen, true, scenario);
      trace.interrupt();
      const { code, objects, stderr } = await trace.ended;
      assert.equal(code, 0, stderr);
      const summary = objects.at(-1);
      assert.deepEqual([summary?.["state"], summary?.["lost"]], ["ended", 0]);
      const groups = objects.slice(0, -1) as unknown as readonly Group[];
      assert.deepEqual(new Set(groups.map(({ cause }) => cause.id)), new Set(["no-listener", "close-with-unread-data", "linger-zero"]));
      const receive = groups.find(({ cause }) => cause.id === "no-listener")?.stack.find(({ symbol }) => symbol === "tcp_v4_rcv");
      const place = receive?.frames.at(-1);
      assert.equal(place?.file, "net/ipv4/tcp_ipv4.c");
      const source = await withFiles("source", `${place.file}:${place.line}`, "--context", "0").ended;
      assert.match((source.objects[0]?.["lines"] as string[]).join("\n"), /tcp_v4_send_reset/);
    });

    it("resolve: a frame as it stands in a trace", async () => {
      const { objects, code } = await withFiles("resolve", "tcp_v4_send_reset+0x1").ended;
      assert.equal(code, 0);
      assert.deepEqual(objects.map(({ status, symbol }) => [status, symbol]), [["ok", "tcp_v4_send_reset"]]);
    });

    // Before the link is cut: connections that die of it leave drops at their listener, which are findings.
    it("doctor: everything that the lab has is found, and what it has not is said", async () => {
      const { objects } = await withFiles("doctor").ended;
      const missing = objects.filter(({ ok }) => ok !== true);
      // No rule of a fresh target uses conntrack.
      assert.deepEqual(missing.map(({ id }) => id), ["trace-conntrack-invalid"]);
      assert.match(String(missing[0]?.["reason"]), /no packet can be INVALID/);
    });

    it("trace resets: a link cut in the middle is said, and what came before it is printed", async () => {
      const trace = onHost("trace", "resets");
      await trace.said("Tracing: TCP resets");
      assert.equal((await runScenario("closed-port", name)).seen, true);
      // An emulated tracer hands its events over late, and nothing outside tells when it has.
      await sleep(6000);
      await setLink(name, false);
      const { code, objects, stderr } = await trace.ended.finally(() => setLink(name, true));
      assert.equal(code, 1);
      assert.match(stderr, /the connection is lost/);
      assert.doesNotMatch(stderr, /\n {4}at /, "no stack trace");
      assert.deepEqual(objects.map((object) => (object as { cause?: { id: string } }).cause?.id ?? object["state"]), ["no-listener", "failed"]);
    });
  });
}
