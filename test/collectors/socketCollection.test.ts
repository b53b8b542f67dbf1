/** A pump that answers from a list, one answer a look: what is asked again, with what, and what is said. */
import assert from "node:assert/strict";
import { takeSockets, type SocketsOptions } from "../../src/collectors/sockets";
import type { SocketsSnapshot } from "../../src/collectors/socketModel";
import { buildMessage, NLM_F_DUMP_INTR, NLM_F_MULTI, readMessages } from "../../src/netlink/netlinkMessage";
import { filterText } from "../../src/sockdiag/filterText";
import type { Command } from "../../src/target/command";
import type { Target } from "../../src/target/target";
import { diagMessage, doneMessage, errorMessage } from "../support/netlinkWriter";
import { passOf } from "../support/passOf";
import { attachedProgram, recordedTarget } from "../support/recordedTarget";
import { facts } from "../vscode/support/samples";

const host = { ...facts, uid: 0, programs: { perl: "/usr/bin/perl" } };
const frame = (head: string, payload: Uint8Array | string): Buffer => Buffer.concat([Buffer.from(`@${head} ${Buffer.byteLength(payload)}\n`), Buffer.from(payload)]);
const netns = frame("netns 5 1", "/proc/1/ns/net\ninit");
const socketAt = (port: number, flags = NLM_F_MULTI): Uint8Array => diagMessage("little", { state: 10, local: ["0.0.0.0", port], inode: port }, flags);
/** Replies to request 1, 2, …: 0 asks for links. */
const printed = (...replies: readonly (readonly Uint8Array[])[]): Buffer => Buffer.concat([netns, ...replies.map((messages, at) => frame(`reply ${at + 1} 0`, Buffer.concat(messages))), Buffer.from("@end 0 0 0\n")]);

interface Taken {
  readonly snapshot: SocketsSnapshot;
  /** What was asked at each look: types of the messages behind the one for links, and whether they carry a program. */
  readonly asked: readonly string[];
}

async function take(answers: readonly Buffer[], options: SocketsOptions): Promise<Taken> {
  const looks: Command[] = [];
  const probe = recordedTarget({ recordings: [{ argv: () => true, stdout: "" }] });
  const target: Target = {
    ...probe,
    attach: (program) =>
      Promise.resolve(
        attachedProgram(program, (command) => {
          looks.push(command);
          return { code: 0, stderr: "", stdout: answers[looks.length - 1] ?? answers.at(-1) ?? Buffer.from("") };
        }),
      ),
  };
  const snapshot = await takeSockets(target, host, { protocols: ["tcp"], ...options });
  return { snapshot, asked: looks.map(requestsOf) };
}

/** Each request stands behind its protocol, a word. */
function requestsOf({ stdin: pass }: Command): string {
  const stdin = passOf(pass).requests;
  const texts: string[] = [];
  for (let at = 4; at < stdin.length; ) {
    const [message] = readMessages(stdin.subarray(at, at + Buffer.from(stdin).readUInt32LE(at)), "little", "request");
    if (!message) break;
    const fixed = message.type === 18 ? 60 : 56;
    if (texts.push(`${message.type}${message.payload.length > fixed ? "+program" : ""}`) > 99) break;
    at += message.payload.length + 16 + 4;
  }
  return texts.slice(1).join(" ");
}

describe("a look at sockets", () => {
  it("is repeated when they changed meanwhile", async () => {
    const { snapshot, asked } = await take([printed([socketAt(80, NLM_F_MULTI | NLM_F_DUMP_INTR), doneMessage("little")]), printed([socketAt(80), socketAt(81), doneMessage("little")])], {});
    assert.deepEqual([asked, [...snapshot.sockets].map(({ local }) => local.port), snapshot.notes], [["18", "18"], [80, 81], []]);
  });

  it("is taken as it is at the third time, and that is said", async () => {
    const { snapshot, asked } = await take([printed([socketAt(80, NLM_F_MULTI | NLM_F_DUMP_INTR), doneMessage("little")])], {});
    assert.equal(asked.length, 3);
    assert.match(snapshot.notes.join(" "), /TCP sockets of network namespace init changed while they were listed \(3 times\)/);
  });

  it("is repeated when the interfaces changed meanwhile", async () => {
    const links = (flags: number): Buffer => frame("reply 0 0", Buffer.concat([buildMessage("little", { type: 16, flags, sequence: 1 }, new Uint8Array(16)), doneMessage("little")]));
    const answer = (flags: number): Buffer => Buffer.concat([netns, links(flags), frame("reply 1 0", Buffer.concat([socketAt(80), doneMessage("little")])), Buffer.from("@end 0 0 0\n")]);
    const once = await take([answer(NLM_F_MULTI | NLM_F_DUMP_INTR), answer(NLM_F_MULTI)], {});
    assert.deepEqual([once.asked.length, once.snapshot.sockets.length, once.snapshot.notes], [2, 1, []]);
    const always = await take([answer(NLM_F_MULTI | NLM_F_DUMP_INTR)], {});
    assert.deepEqual([always.asked.length, always.snapshot.notes], [3, ["The interfaces of network namespace init changed while they were listed (3 times): some names may be missing."]]);
  });

  it("is repeated when its answer has no end, and never takes a socket twice", async () => {
    const { snapshot, asked } = await take([printed([socketAt(80)]), printed([socketAt(80), doneMessage("little")])], {});
    assert.deepEqual([asked.length, snapshot.sockets.length], [2, 1]);
  });

  it("asks without marks where the kernel shows none", async () => {
    const refused = [errorMessage("little", -1)];
    const { snapshot, asked } = await take([printed(refused), printed(refused, refused), printed([socketAt(80), doneMessage("little")], [doneMessage("little")])], { filter: "fwmark = 1 and sport = :80" });
    assert.deepEqual(asked, ["18+program", "20+program 20+program", "20+program 20+program"]);
    assert.deepEqual([snapshot.plan.kernel && filterText(snapshot.plan.kernel), snapshot.plan.process && filterText(snapshot.plan.process), snapshot.sockets.length], ["sport = :80", "fwmark = 0x1", 0]);
    assert.match(snapshot.plan.notes.join(" "), /CAP_NET_ADMIN/);
  });

  it("asks without a program that the kernel does not know, and filters here", async () => {
    const refused = [errorMessage("little", -22)];
    const { snapshot, asked } = await take([printed(refused), printed(refused, refused), printed([socketAt(80), socketAt(81), doneMessage("little")], [doneMessage("little")])], { filter: "sport = :81" });
    assert.deepEqual(asked, ["18+program", "20+program 20+program", "20 20"]);
    assert.deepEqual([...snapshot.sockets].map(({ local }) => local.port), [81]);
  });

  it("asks family by family before it believes that TCP is refused", async () => {
    const answers = [printed([doneMessage("little", -95)]), printed([socketAt(80), doneMessage("little")], [socketAt(81), doneMessage("little")])];
    const { snapshot, asked } = await take(answers, {});
    assert.deepEqual([asked, snapshot.sockets.length, snapshot.findings, snapshot.source], [["18", "20 20"], 2, [], "sock_diag"]);
  });
});
