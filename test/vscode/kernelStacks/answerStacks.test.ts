import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StackAnswer } from "../../../src/protocol/kernelStacks";
import { NamedVmlinux } from "../../../src/session/namedVmlinux";
import type { StackOfText } from "../../../src/session/resolveStack";
import { parseStacks } from "../../../src/stacks/parseStacks";
import { HostRegistry } from "../../../src/vscode/hosts/hostRegistry";
import { answerStacks } from "../../../src/vscode/kernelStacks/answerStacks";
import { mayHoldStack } from "../../../src/vscode/kernelStacks/mayHoldStack";
import { facts } from "../support/samples";
import { hostWith } from "../support/hostWith";

const never = new AbortController().signal;
const frame = { symbol: "f", offset: 16, kind: "return", reliable: true } as const;
const uriOf = (host: string, file: string): string => `source:/${host}/${file}`;

/** No vmlinux is named. */
const none = new NamedVmlinux({});

async function connected(answers: Parameters<typeof hostWith>[1]): Promise<HostRegistry> {
  const hosts = new HostRegistry(() => Promise.resolve(hostWith("h", answers).host));
  await hosts.connect("h");
  return hosts;
}

describe("answers about stacks", () => {
  it("come from the host that runs the kernel, with its debuginfo and addresses of source documents", async () => {
    const hosts = await connected({
      debuginfo: () => Promise.resolve({ state: "exact", origin: "/vmlinux", message: "" }),
      resolve: (frames) => Promise.resolve(frames.map(() => ({ input: "f+0x10", status: "ok", lookup: "caller", frames: [{ function: "f", inlined: false, source: { file: "a.c", line: 3 } }] }) as const)),
    });
    const [answer] = await answerStacks({ hosts, uriOf, named: none }, [{ build: facts.release, frames: [frame] }], never);
    assert.deepEqual(answer?.frames, [{ status: "ok", lookup: "caller", chain: [{ function: "f", inlined: false, file: "a.c", line: 3, uri: "source:/h/a.c" }] }]);
    assert.deepEqual([answer.host, answer.debuginfo, answer.problem], ["h", "/vmlinux", undefined]);
  });
  it("say what to do without debuginfo, and ask nothing of a host with another kernel", async () => {
    const hosts = await connected({
      debuginfo: () => Promise.resolve({ state: "not-found", message: "No debuginfo.", remedy: { title: "Install it", command: "apt install x", changesHost: true } }),
      resolve: (frames) => Promise.resolve(frames.map(() => ({ input: "f+0x10", status: "no-debuginfo", lookup: "caller", frames: [] }) as const)),
    });
    const [own, other] = await answerStacks({ hosts, uriOf, named: none }, [{ frames: [frame] }, { build: "1.2.3", frames: [{ ...frame, source: { file: "b.c", line: 7 } }] }], never);
    assert.deepEqual(own?.problem, { kind: "no-debuginfo", message: "No debuginfo.", advice: "Install it: apt install x" });
    assert.equal(other?.problem?.kind, "other-kernel");
    assert.deepEqual(other.frames[0]?.chain, [{ function: "f", inlined: false, file: "b.c", line: 7 }], "what the text itself says stands");
  });
  it("of another kernel come from the build that the text names, without the host's source", async () => {
    const asked: (string | undefined)[] = [];
    const hosts = await connected({
      resolve: (frames) => {
        asked.push(...frames.map(({ buildId }) => buildId));
        return Promise.resolve(frames.map(() => ({ input: "f+0x10", status: "ok", lookup: "caller", frames: [{ function: "f", inlined: false, source: { file: "a.c", line: 3 } }] }) as const));
      },
    });
    const other = "cd".repeat(20);
    const [answer] = await answerStacks({ hosts, uriOf, named: none }, [{ build: "1.2.3", buildId: other, frames: [frame] }], never);
    assert.deepEqual([answer?.frames[0]?.chain, answer?.problem, answer?.host, answer?.buildId, asked], [[{ function: "f", inlined: false, file: "a.c", line: 3 }], undefined, undefined, other, [other]]);
  });
  it("of another kernel say what the search for its build says", async () => {
    const hosts = await connected({ resolve: (frames) => Promise.resolve(frames.map(() => ({ input: "f+0x10", status: "no-debuginfo", message: "Not here.", lookup: "caller", frames: [] }) as const)) });
    const [answer] = await answerStacks({ hosts, uriOf, named: none }, [{ build: "1.2.3", buildId: "cd".repeat(20), frames: [frame] }], never);
    assert.match(answer?.problem?.advice ?? "", /^Not here\. Name the file .*debuginfod-find/);
  });
  it("of a kernel that no host runs come from the vmlinux of the settings, when the text names its release and no build", async () => {
    const hosts = await connected({});
    const named = {
      isOf: ({ build, buildId }: StackOfText) => Promise.resolve(build === "1.2.3" && buildId === undefined),
      answer: () => Promise.resolve({ release: "1.2.3", debuginfo: "/named", frames: [] }),
    };
    const ask = async (build: string): Promise<StackAnswer | undefined> => (await answerStacks({ hosts, uriOf, named }, [{ build, frames: [frame] }], never))[0];
    assert.deepEqual(await ask("1.2.3"), { release: "1.2.3", debuginfo: "/named", frames: [] });
    assert.equal((await ask("1.2.4"))?.problem?.kind, "other-kernel");
    const broken = { ...named, answer: () => Promise.reject(new Error("it is damaged")) };
    assert.deepEqual((await answerStacks({ hosts, uriOf, named: broken }, [{ build: "1.2.3", frames: [frame] }], never))[0]?.problem, { kind: "failed", message: "it is damaged" });
  });
  it("are failures in words when the link is lost", async () => {
    const hosts = await connected({ debuginfo: () => Promise.reject(new Error("the link is lost")) });
    assert.deepEqual((await answerStacks({ hosts, uriOf, named: none }, [{ frames: [frame] }], never))[0]?.problem, { kind: "failed", message: "the link is lost" });
  });
});

describe("mayHoldStack", () => {
  const folder = join(import.meta.dirname, "../../fixtures/stacks");
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".txt"))) {
    const text = readFileSync(join(folder, name), "utf8");
    if (parseStacks(text).stacks.length > 0) it(`sees the stacks of ${name}`, () => assert.equal(mayHoldStack(text), true));
  }
  it("sees none in a note", () => assert.equal(mayHoldStack("# Notes\n\nC++ 17 and a+b; see issue #12 of x86.\n- one; two 3\n"), false));
});
