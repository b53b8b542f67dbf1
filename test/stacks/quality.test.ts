import assert from "node:assert/strict";
import type { BuildId } from "../../src/base/brands";
import { parseStacks } from "../../src/stacks/parseStacks";
import { frameMarks, stackMarks, type KnownKernel } from "../../src/stacks/quality";

const oops = (frames: string, version = "6.1.0-9-amd64"): string => `CPU: 0 PID: 1 Comm: a Not tainted ${version} #1\nRIP: 0010:f+0x1/0x20\nCall Trace:\n${frames}`;

function check(name: string, text: string, expected: string, kernel: KnownKernel = {}): void {
  it(name, () => {
    const [stack] = parseStacks(text).stacks;
    assert.ok(stack);
    const frames = stack.frames.flatMap((frame) => frameMarks(frame, kernel).map((mark) => `${frame.symbol ?? "?"} ${mark}`));
    assert.equal([...stackMarks(stack, kernel), ...frames].join(", "), expected);
  });
}

describe("quality marks", () => {
  const root = " entry_SYSCALL_64_after_hwframe+0x6e/0xd8\n";
  check("a whole stack has none", oops(` g+0x1/0x2\n${root}`), "");
  check("what the unwinder guessed, and a clone", oops(` ? g.isra.0+0x1/0x2\n${root}`), "g.isra.0 unreliable, g.isra.0 clone");
  check("no way into the kernel at its end", oops(" g+0x1/0x2\n"), "truncated");
  check("gdb says that it stopped", "#0  f (a=1) at net/a.c:1\n#1  0xffffffff81000000 in ret_from_fork ()\nBacktrace stopped: Cannot access memory\n", "truncated");
  check("another release", oops(root), "wrong-build", { release: "6.12.1" });
  check("the build id counts more than the release", oops(root), "", { release: "6.1.0-9-amd64", buildId: "aa" as BuildId });
  check("a module of another build", oops(` g+0x1/0x2 [m 0123456789abcdef0123456789abcdef01234567]\n${root}`), "g wrong-build", { moduleBuildId: () => "ff" as BuildId });
  check("a name that stands twice, but not when the address tells", oops(` g+0x1/0x2\n [<ffffffff81000000>] h+0x1/0x2\n${root}`), "g duplicate-name", { countOf: (name) => (name === "f" || name.startsWith("entry") ? 1 : 2) });
  check("names alone", " => a\n => ret_from_fork\n", "names-only, a name-only, ret_from_fork name-only");
});
