import assert from "node:assert/strict";
import { HostDumpReader, type HostDump } from "../../src/collectors/hostDump";
import { PumpFrameReader } from "../../src/probes/pumpFrames";
import { allStates } from "../../src/sockdiag/tcpState";
import { diagMessage, doneMessage } from "../support/netlinkWriter";

/** Text is ASCII here, but for answers of the kernel: a byte each. */
function dump(text: string): HostDump {
  const reader = new HostDumpReader({ protocols: ["tcp"], filter: { states: allStates, notes: [] }, extensions: 0, plain: true }, "little");
  const frames = new PumpFrameReader("test", (frame) => reader.accept(frame));
  frames.push(Buffer.from(`${text}@end 0 0 0\n`, "latin1"));
  frames.end();
  return reader.finish();
}

const reply = (request: number, ...messages: Uint8Array[]): string => {
  const bytes = Buffer.concat(messages);
  return `@reply ${request} 0 ${bytes.length}\n${bytes.toString("latin1")}`;
};
const text = (kind: string, a: number, body: string): string => `@${kind} ${a} 0 ~\n${body}\n@.\n`;
const netns = (inode: number, isFirst: number, body: string): string => `@netns ${inode} ${isFirst} ${body.length}\n${body}`;

describe("one pass over a host", () => {
  it("names namespaces: init, by their mount, by a process", () => {
    const { namespaces } = dump(
      text("mounts", 0, "11 /run/netns/blue\n12 /run/docker/netns/0123abcd\n") +
        netns(10, 1, "/proc/1/ns/net\nsystemd") + netns(11, 0, "/proc/700/ns/net\nnginx") + netns(12, 0, "/run/docker/netns/0123abcd\n") + netns(13, 0, "/proc/812/ns/net\nredis-server"),
    );
    assert.deepEqual(namespaces.map(({ netns: { inode, name, isInit } }) => [inode, name, isInit]), [
      [10, "init", true], [11, "blue", false], [12, "/run/docker/netns/0123abcd", false], [13, "redis-server[812]", false],
    ]);
  });

  it("names them the same when a shell found them", () => {
    const { namespaces } = dump(
      "@init 10 0 0\n" + text("mounts", 0, "11 /run/netns/blue") + text("netns", 10, "/proc/self/ns/net") + text("netns", 11, "/run/netns/blue") + text("netns", 13, "/proc/812/ns/net") + text("comms", 0, "/proc/812/comm:redis-server"),
    );
    assert.deepEqual(namespaces.map(({ netns: { name } }) => name), ["init", "blue", "redis-server[812]"]);
  });

  it("calls its own namespace so when it may not know whose it is", () => {
    assert.deepEqual(dump(netns(10, 0, "/proc/self/ns/net\n")).namespaces[0]?.netns, { inode: 10, name: "own", isInit: false });
  });

  it("sorts files, answers and failures by namespace", () => {
    const at = (port: number) => diagMessage("little", { state: 10, local: ["0.0.0.0", port], inode: port });
    const { namespaces, columns } = dump(
      netns(10, 1, "/proc/1/ns/net\nsystemd") + text("file", 0, "/proc/x\none\ntwo") + "@file 0 2 8\n/proc/y\n" + reply(1, at(80)) + reply(1, at(81), doneMessage("little")) +
        netns(11, 0, "/proc/9/ns/net\nx") + reply(1, at(82)) + "@fail 2 93 6\nsocket",
    );
    const [first, second] = namespaces;
    assert.deepEqual([...(first?.files ?? [])], [["/proc/x", "one\ntwo\n"]]);
    assert.deepEqual([...columns.localPort].map((port, row) => [columns.netns[row], port]), [[0, 80], [0, 81], [1, 82]]);
    assert.deepEqual(first?.outcomes, [{ protocol: "tcp", outcome: { complete: true, interrupted: false } }]);
    assert.deepEqual(second?.outcomes.map(({ outcome }) => [outcome.complete, outcome.errno]), [[false, undefined], [false, 93]]);
  });

  it("says which namespaces and processes were out of reach", () => {
    const { namespaces, notes } = dump(netns(10, 1, "/proc/1/ns/net\nsystemd") + netns(11, 0, "/proc/812/ns/net\nnginx") + "@fail -1 1 5\nsetns" + "@denied 3 0 0\n" + "@owners 2 0 0\n");
    assert.equal(namespaces.length, 1);
    assert.deepEqual(notes, [
      "Network namespace nginx[812] could not be entered: setns: EPERM (operation not permitted).",
      "The network namespaces of 3 processes could not be seen: not enough rights.",
      "The descriptors of 2 processes could not be read, so their sockets have no process here: not enough rights.",
    ]);
  });

  it("finds the processes of a socket, whichever way they were listed", () => {
    const expected = new Map([[100, [{ pid: 7, name: "ngi nx: a", fd: 3 }, { pid: 8, name: "", fd: 5 }]], [101, [{ pid: 7, name: "ngi nx: a", fd: 4 }]]]);
    const owners = (frames: string): unknown => new Map(dump(frames).owners);
    const comms = text("comms", 0, "/proc/7/comm:ngi nx: a");
    assert.deepEqual(owners(text("owners", 0, ".7 ngi nx: a\n3 100\n4 101\n.8 \n5 100")), expected);
    assert.deepEqual(owners(text("fds", 0, "/proc/7/fd/3 socket:[100]\n/proc/7/fd/4 socket:[101]\n/proc/8/fd/5 socket:[100]") + comms), expected);
    const ls = (fd: number, inode: number): string => `lrwx------    1 root     root            64 Nov 22 01:00 ${fd} -> socket:[${inode}]`;
    const listing = ["/proc/7/fd:", "total 0", ls(3, 100), "lr-x------ 1 root root 64 Nov 22 01:00 9 -> /tmp/socket:[7] x", ls(4, 101), "", "/proc/8/fd:", ls(5, 100)].join("\n");
    assert.deepEqual(owners(text("fds", 0, listing) + comms), expected);
  });
});
