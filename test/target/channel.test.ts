import assert from "node:assert/strict";
import { exchange } from "../../src/target/channel";
import { openLocalChannel } from "../../src/target/localChannel";

describe("an exchange with a program", () => {
  it("gives what it printed, and how it ended", async () => {
    const { code, stdout, stderr } = await exchange(openLocalChannel, ["sh", "-c", "cat; echo why >&2; exit 3"], "some input\n");
    assert.deepEqual({ code, stdout: Buffer.from(stdout).toString(), stderr }, { code: 3, stdout: "some input\n", stderr: "why\n" });
  });

  it("ends well when the program does not read its input to the end", async () => {
    // More than a pipe holds: the write fails once the program is gone.
    const { code } = await exchange(openLocalChannel, ["true"], "x".repeat(1 << 20));
    assert.equal(code, 0);
  });
});
