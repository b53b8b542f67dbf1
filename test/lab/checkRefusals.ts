/** What a target cannot or can hardly answer, made real: a kernel without sock_diag, a list of interfaces that changes while it is read. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { takeListeners } from "../../src/collectors/listeners";
import { takeSockets } from "../../src/collectors/sockets";
import type { HostFacts } from "../../src/probes/hostFacts";
import type { Command } from "../../src/target/command";
import type { Target } from "../../src/target/target";
import { firstLine } from "./socketZoo";

/** The same target, where nothing that runs can open a sock_diag socket. */
function withoutSockDiag(target: Target): Target {
  const program = readFileSync(join(__dirname, "guest/seccomp.py"), "utf8");
  const argv = (words: Command["argv"]): Command["argv"] => ["python3", "-c", program, ...words];
  return {
    ...target,
    run: (command, signal) => target.run({ ...command, argv: argv(command.argv) }, signal),
    start: (command, signal) => target.start({ ...command, argv: argv(command.argv) }, signal),
    attach: (resident, signal) => target.attach({ ...resident, argv: argv(resident.argv) }, signal),
  };
}

/** A listener on port 22 is there. */
export async function checkWithoutSockDiag(target: Target, facts: HostFacts): Promise<void> {
  const snapshot = await takeListeners(withoutSockDiag(target), facts);
  const [finding] = snapshot.findings;
  assert.deepEqual([finding?.title, snapshot.source], ["tcp_diag is not usable: the kernel has no sock_diag", "proc"]);
  assert.match(finding?.evidence[0] ?? "", /EPROTONOSUPPORT .* at once/);
  const listener = snapshot.listeners.find(({ local }) => local.port === 22);
  assert.deepEqual([listener?.acceptQueue, listener?.verdict.health], [{ length: 0 }, "unknown"]);
  assert.match(snapshot.notes.join(" "), /UNIX listeners are not shown/);
}

/** Hundreds of interfaces, so that listing them takes longer than until one comes or goes. */
const restless = `
seq 400 | sed 's/.*/link add d& type dummy/' | ip -batch -
echo ready
while :; do printf 'link add x type dummy\\nlink del x\\n'; done | ip -batch -`;

/** The kernel marks the list as interrupted (NLM_F_DUMP_INTR): it is read three times, then taken with a word about it. Once nothing changes there is none. */
export async function checkInterrupted(target: Target, facts: HostFacts): Promise<void> {
  const running = await target.start({ argv: ["unshare", "-n", "sh", "-c", restless], privilege: "root" });
  const look = async (): Promise<string> => (await takeSockets(target, facts, { protocols: ["tcp"] })).notes.join(" ");
  try {
    await firstLine(running);
    const said: string[] = [];
    while (said.length < 5 && !/The interfaces of network namespace sh\[\d+\] changed while they were listed \(3 times\)/.test(said.at(-1) ?? "")) said.push(await look());
    assert.match(said.at(-1) ?? "", /interfaces/, said.join(" | "));
  } finally {
    await running.stop();
  }
  assert.equal(await look(), "");
}
