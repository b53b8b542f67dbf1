import assert from "node:assert/strict";
import { buildId } from "../../src/base/brands";
import type { HostFacts } from "../../src/probes/hostFacts";
import { resolveStack } from "../../src/session/resolveStack";
import { parseStacks } from "../../src/stacks/parseStacks";
import type { StackFrame } from "../../src/stacks/stack";
import type { ResolvedFrame } from "../../src/symbolize/resolvedFrame";

const [own, other] = [buildId("ab".repeat(20)), buildId("cd".repeat(20))];
const facts = { release: "6.1.0-1-amd64", buildId: own } as HostFacts;
const text = (release: string, id = ""): string => `CPU: 0 PID: 1 Comm: x Not tainted ${release} #1${id === "" ? "" : ` ${id}`} Debian 6.1
Call Trace:
 <TASK>
 tcp_v4_rcv+0x99b/0xee0
 nf_ct_get+0x10/0x20 [nf_conntrack]
 nf_hook+0x10/0x20 [nf_tables ${"ef".repeat(20)}]
 </TASK>
`;

describe("resolveStack", () => {
  const asked: StackFrame[] = [];
  const host = {
    name: "lab",
    facts: () => Promise.resolve(facts),
    resolve: (frames: readonly StackFrame[]) => {
      asked.push(...frames);
      return Promise.resolve(frames.map(({ symbol = "" }): ResolvedFrame => ({ input: symbol, status: "ok", lookup: "exact", frames: [] })));
    },
  };
  beforeEach(() => void asked.splice(0));
  const show = async (source: string): Promise<unknown> => {
    const { stacks } = parseStacks(source);
    const answers = (await Promise.all(stacks.map((stack) => resolveStack(host, stack)))).flat();
    return answers.map(({ input, status }) => `${input}: ${status}`);
  };

  it("asks the host for all frames of the kernel that it runs", async () => {
    assert.deepEqual(await show(text("6.1.0-1-amd64")), ["tcp_v4_rcv: ok", "nf_ct_get: ok", "nf_hook: ok"]);
    assert.deepEqual(asked.map(({ buildId: id }) => id), [undefined, undefined, "ef".repeat(20)]);
  });

  it("asks for another kernel's frames by the build ids that the text names, and for no others", async () => {
    const answers = await show(text("5.10.0-9-amd64", other));
    assert.deepEqual(answers, ["tcp_v4_rcv: ok", "nf_ct_get+0x10/0x20 [nf_conntrack]: build-id-mismatch", "nf_hook: ok"]);
    assert.deepEqual(asked.map(({ buildId: id }) => id), [other, "ef".repeat(20)]);
  });

  it("says how to get another kernel's debuginfo, and how to resolve where nothing proves the build", async () => {
    const missing = { ...host, resolve: (frames: readonly StackFrame[]) => Promise.resolve(frames.map((): ResolvedFrame => ({ input: "", status: "no-debuginfo", message: "None.", lookup: "exact", frames: [] }))) };
    const messages = async (source: string): Promise<(string | undefined)[]> => (await resolveStack(missing, parseStacks(source).stacks[0]!)).map(({ message }) => message);
    const [kernel, module] = await messages(text("5.10.0-9-amd64", other));
    assert.equal(kernel, `None. Name the file (--vmlinux, --modules, settings knetscope.debuginfo), or fetch it and resolve again: DEBUGINFOD_URLS=https://debuginfod.debian.net debuginfod-find debuginfo ${other}`);
    assert.match(module ?? "", /lab runs 6\.1\.0-1-amd64 .*no build id of module nf_conntrack/);
    assert.match((await messages(text("5.10.0-9-amd64")))[0] ?? "", /names no build id.*\(package linux-image-5\.10\.0-9-amd64-dbg\): knetscope resolve --vmlinux FILE < TEXT$/);
  });

  it("does not guess where only the release tells that it is another kernel", async () => {
    assert.deepEqual(await show(text("5.10.0-9-amd64")), ["tcp_v4_rcv+0x99b/0xee0: build-id-mismatch", "nf_ct_get+0x10/0x20 [nf_conntrack]: build-id-mismatch", "nf_hook: ok"]);
  });
});
