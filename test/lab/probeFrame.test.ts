import assert from "node:assert/strict";
import { openHost } from "../../src/session/openHost";
import type { Host } from "../../src/session/host";
import { probeFrame } from "../../src/session/probeFrame";
import { parseStacks } from "../../src/stacks/parseStacks";
import { eventually } from "../support/eventually";
import { connectLab } from "../support/labTarget";
import { downLab } from "./downLab";
import { ensureDebug } from "./ensureDebug";
import { ownTarget } from "./ownTarget";
import { upLab } from "./upLab";

const name = ownTarget("probe-6.1");

describe("a program from a frame of a stack, on kernel 6.1", function () {
  this.timeout(600_000);
  let host: Host;
  let frames: ReturnType<typeof parseStacks>["stacks"][number]["frames"];

  before(async () => {
    await ensureDebug("6.1", () => undefined);
    const state = await upLab("6.1", { name });
    host = await openHost(await connectLab(state), { ...(state.vmlinux !== undefined && { vmlinux: state.vmlinux }) });
    // A stack as this very kernel prints it: that of a process that waits.
    const { stdout } = await host.target.run({ argv: ["sh", "-c", "sleep 30 & sleep 1; cat /proc/$!/stack"], privilege: "root" });
    frames = parseStacks(Buffer.from(stdout).toString()).stacks[0]?.frames ?? [];
    assert.ok(frames.length > 3, "the stack of a sleeping process");
  });
  after(async () => {
    await host.dispose();
    await downLab(name);
  });

  async function output(program: string): Promise<string> {
    let text = "";
    const running = await host.runProgram({ text: program, onOutput: (_, lines) => (text += `${lines.join("\n")}\n`) });
    try {
      await eventually(async () => {
        await host.target.run({ argv: ["sleep", "0.1"] });
        assert.match(text, /sleep +\d+/);
      }, 60_000);
    } finally {
      await running.stop();
      await running.ended;
    }
    return text;
  }

  it("watches the function, with the names and types of its arguments, and runs", async () => {
    const at = frames.findIndex(({ symbol }) => symbol === "hrtimer_nanosleep");
    const { program, symbol, note } = await probeFrame(host, frames, at, "function");
    assert.deepEqual([symbol, note], ["hrtimer_nanosleep", undefined]);
    assert.match(program, /^\/\/ long int hrtimer_nanosleep\(ktime_t rqtp, const enum hrtimer_mode mode, const clockid_t clockid\)$/m);
    assert.match(await output(program), /sleep +\d+/);
  });

  it("watches the place itself, and runs", async () => {
    const at = frames.findIndex(({ symbol }) => symbol === "hrtimer_nanosleep");
    const { program } = await probeFrame(host, frames, at, "line");
    assert.match(program, /^\/\/ kernel\/time\/hrtimer\.c:\d+: hrtimer_nanosleep\+0x[0-9a-f]+.*\.$/m);
    assert.match(await output(program), /us after entry/);
  });

  it("takes the nearest caller of what cannot be traced, and says why", async () => {
    const { symbol, note } = await probeFrame(host, [{ symbol: "nobody_has_this", offset: 4, kind: "exact", reliable: true }, ...frames], 0, "function");
    assert.match(note ?? "", /nobody_has_this\+0x4 is no function of this kernel.*its nearest caller that can be is /);
    assert.equal(frames.some((frame) => frame.symbol === symbol), true);
    const last = frames.length - 1;
    assert.match((await probeFrame(host, frames, last, "line")).note ?? "", /entry_SYSCALL_64_after_hwframe.* cannot be traced: it is assembler or marked notrace; the nearest it called/);
  });
});
