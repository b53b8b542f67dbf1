import assert from "node:assert/strict";
import type { DebuginfoState, Host, SourceMap } from "../../../src/session/host";
import { planDebugging, randomizationNote } from "../../../src/session/debugKernel/planDebugging";
import type { ResolvedFrame } from "../../../src/symbolize/resolvedFrame";
import { recordedTarget } from "../../support/recordedTarget";
import { hostWith } from "../../vscode/support/hostWith";

const exact: DebuginfoState = { state: "exact", origin: "/debug/vmlinux", message: "Exact." };
const frame: ResolvedFrame = { input: "tcp_v4_rcv+0x0", status: "ok", lookup: "exact", frames: [{ function: "tcp_v4_rcv", source: { file: "net/ipv4/tcp_ipv4.c", line: 1955 }, inlined: false }] };
const map: SourceMap = { from: "debian/build/b", to: { folder: "/src", match: "release" } };

interface Given {
  readonly debuginfo?: DebuginfoState;
  readonly frame?: ResolvedFrame;
  readonly sourceMap?: SourceMap;
  /** undefined: it cannot be read. */
  readonly commandLine?: string | undefined;
}

function host(given: Given = {}): Host {
  const text = "commandLine" in given ? given.commandLine : "quiet nokaslr";
  const recording = { argv: ["cat", "/proc/cmdline"], code: text === undefined ? 1 : 0, stdout: `${text ?? ""}\n` };
  return hostWith("web1", {
    target: recordedTarget({ name: "web1", recordings: [recording] }),
    debuginfo: () => Promise.resolve(given.debuginfo ?? exact),
    resolve: () => Promise.resolve([given.frame ?? frame]),
    sourceMap: () => Promise.resolve(given.sourceMap ?? map),
  }).host;
}

const request = { address: "127.0.0.1:1234", function: "tcp_v4_rcv" };

describe("planDebugging", () => {
  it("takes vmlinux, source and machine from the host, and says where it will stop", async () => {
    const { plan, stop, notes } = await planDebugging(host(), request);
    assert.deepEqual([plan.vmlinux, plan.sourceFolder, plan.buildFolder, plan.architecture], ["/debug/vmlinux", "/src", "debian/build/b", "i386:x86-64"]);
    assert.deepEqual([stop, notes], ["net/ipv4/tcp_ipv4.c:1955", []]);
  });

  it("says what is missing: nokaslr, the source, the right source", async () => {
    const { notes } = await planDebugging(host({ commandLine: "quiet", sourceMap: {} }), request);
    assert.match((await planDebugging(host({ commandLine: undefined }), request)).notes.join("\n"), /must be booted with nokaslr/);
    assert.match(notes.join("\n"), /booted without nokaslr.*\n.*No kernel source/s);
    const near = await planDebugging(host({ sourceMap: { to: { folder: "/src", match: "near", message: "this source is of Linux 6.2" } } }), request);
    assert.match(near.notes.join("\n"), /may not fit: this source is of Linux 6\.2/);
  });

  it("refuses a vmlinux that gdb cannot open, with the way to bring it here", async () => {
    const elsewhere = (origin: string) => planDebugging(host({ debuginfo: { ...exact, origin } }), request);
    await assert.rejects(elsewhere("web1:/usr/lib/debug/boot/vmlinux"), { code: "debug/vmlinux-elsewhere", message: /scp web1:\/usr\/lib\/debug\/boot\/vmlinux \./ });
    await assert.rejects(elsewhere("https://debuginfod.example/"), { code: "debug/vmlinux-elsewhere", message: /debuginfod-find/ });
    await assert.rejects(planDebugging(host({ debuginfo: { state: "not-found", message: "nowhere" } }), request), { code: "debug/no-vmlinux", message: /nowhere/ });
  });

  it("refuses a function that vmlinux does not have", async () => {
    await assert.rejects(planDebugging(host({ frame: { ...frame, status: "unknown-symbol", message: "vmlinux has no symbol x.", frames: [] } }), request), { code: "debug/no-function" });
  });
});

describe("randomizationNote", () => {
  it("is silent only where nokaslr is seen, as a word of its own", () => {
    assert.equal(randomizationNote("console=ttyS0 nokaslr quiet"), undefined);
    assert.match(randomizationNote("lab.name=nokaslr-not") ?? "", /without nokaslr/);
    assert.match(randomizationNote(undefined) ?? "", /must be booted with nokaslr/);
  });
});
