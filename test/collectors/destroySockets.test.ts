import assert from "node:assert/strict";
import { destroySockets, destroySummary, readAnswers, whyNotDestroyable } from "../../src/collectors/destroySockets";
import type { SocketRow } from "../../src/collectors/socketModel";
import { buildMessage, NLMSG_ERROR, readMessages } from "../../src/netlink/netlinkMessage";
import type { PumpFrame } from "../../src/probes/pumpFrames";
import { SOCK_DESTROY } from "../../src/sockdiag/destroyRequest";
import { passOf } from "../support/passOf";
import { recordedTarget } from "../support/recordedTarget";
import { facts, socketRow } from "../vscode/support/samples";

const row = (more: Partial<SocketRow> = {}): SocketRow => socketRow({ cookie: "2b", interfaceIndex: 0, ...more });

function answer(errno: number): Uint8Array {
  const payload = Buffer.alloc(20);
  payload.writeInt32LE(-errno);
  return buildMessage("little", { type: NLMSG_ERROR, flags: 0, sequence: 1 }, payload);
}

const frame = (kind: string, a: number, b: number, payload: Uint8Array | string): PumpFrame => ({ kind, a, b, payload: Buffer.from(payload) });
const netns = frame("netns", 7, 0, "/proc/1/ns/net\ninit");

/** What a pump prints. */
const printed = (frames: readonly PumpFrame[]): Buffer =>
  Buffer.concat([...frames.flatMap(({ kind, a, b, payload }) => [Buffer.from(`@${kind} ${a} ${b} ${payload.length}\n`), payload]), Buffer.from("@end 0 0 0\n")]);

describe("the answers about destroyed sockets", () => {
  it("are told apart", () => {
    const sockets = [0, 2, 1, 95, 22].map((port) => row({ local: { address: "10.0.0.1", port } }));
    const frames = [netns, ...sockets.map(({ local }, index) => frame("reply", index, 0, answer(local.port ?? 0)))];
    const results = readAnswers(frames, sockets, "little");
    assert.deepEqual(results.map(({ outcome }) => outcome), ["closed", "gone", "not-permitted", "not-supported", "failed"]);
    assert.match(results[3]?.text ?? "", /CONFIG_INET_DIAG_DESTROY/);
    assert.match(results[4]?.text ?? "", /EINVAL/);
    assert.equal(destroySummary(results), "1 socket closed, 1 gone already, 3 could not be closed.");
  });

  it("never call a socket closed that got none", () => {
    assert.deepEqual(readAnswers([netns], [row()], "little").map(({ outcome }) => outcome), ["failed"]);
    assert.deepEqual(readAnswers([netns, frame("fail", 0, 13, "socket")], [row()], "little").map(({ outcome }) => outcome), ["not-permitted"]);
    assert.deepEqual(readAnswers([], [row()], "little").map(({ outcome }) => outcome), ["gone"]);
  });
});

describe("destroying sockets", () => {
  const host = { ...facts, programs: { perl: "/usr/bin/perl" } };

  it("asks for those only that have an identity, each in its own namespace", async () => {
    const target = recordedTarget({ recordings: [{ argv: /perl/, stdout: printed([netns, frame("reply", 0, 0, answer(0))]) }] });
    const unix = row({ family: "unix", protocol: "unix" });
    const other = row({ netns: { inode: 4026532999, name: "blue", isInit: false } });
    const results = await destroySockets(target, host, [unix, row(), other]);
    assert.deepEqual(results.map(({ socket, outcome }) => [socket.netns.name, outcome]), [["init", "failed"], ["init", "closed"], ["blue", "closed"]]);
    assert.deepEqual(target.commands.map(({ stdin }) => passOf(stdin).flags[0]), [4026531840, 4026532999]);
    const asked = target.commands.flatMap(({ stdin }) => [...readMessages(passOf(stdin).requests.subarray(4), "little", "test")]);
    assert.deepEqual(asked.map(({ type, payload }) => [type, Buffer.from(payload).readUInt32LE(48)]), [[SOCK_DESTROY, 0x2b], [SOCK_DESTROY, 0x2b]]);
  });

  it("is refused where only ss could do it, which knows filters alone", async () => {
    await assert.rejects(destroySockets(recordedTarget(), { ...host, programs: { ss: "/usr/bin/ss" } }, [row()]), { code: "pump/none" });
  });

  it("says which sockets it cannot close", () => {
    assert.equal(whyNotDestroyable(row()), undefined);
    assert.match(whyNotDestroyable(socketRow()) ?? "", /no cookie/);
    assert.match(whyNotDestroyable(row({ family: "unix", protocol: "unix" })) ?? "", /unix/);
  });
});
