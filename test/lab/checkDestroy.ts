/** Closing of sockets by the real kernel, through every pump that can: exactly those that were listed, and what their owners see. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { destroySockets } from "../../src/collectors/destroySockets";
import type { PumpKind } from "../../src/collectors/pumpLadder";
import type { SocketRow } from "../../src/collectors/socketModel";
import { takeSockets } from "../../src/collectors/sockets";
import type { HostFacts } from "../../src/probes/hostFacts";
import type { RunningCommand, Target } from "../../src/target/target";
import { eventually } from "../support/eventually";

interface Victims {
  readonly pid: number;
  readonly rounds: readonly { readonly tcp4: number; readonly tcp6: number; readonly udp4: number; readonly listener: number }[];
}

/** The lines that a program prints, as they come. */
class Lines {
  readonly seen: string[] = [];

  constructor({ stdout }: RunningCommand) {
    void this.read(stdout);
  }

  private async read(stdout: AsyncIterable<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const chunk of stdout) {
      const lines = (rest + Buffer.from(chunk).toString()).split("\n");
      rest = lines.pop() ?? "";
      this.seen.push(...lines);
    }
  }
}

/** @param stranger the same target as a user without rights */
export async function checkDestroy(target: Target, facts: HostFacts, stranger: { readonly target: Target; readonly facts: HostFacts }, pumps: readonly PumpKind[]): Promise<void> {
  const program = readFileSync(join(__dirname, "guest/victims.py"), "utf8");
  const running = await target.start({ argv: ["unshare", "-n", "python3", "-c", program, String(pumps.length)], privilege: "root" });
  const lines = new Lines(running);
  try {
    const [first = "{}"] = await eventually(() => (assert.ok(lines.seen.length > 0), lines.seen), 60_000);
    const { rounds } = JSON.parse(first) as Victims;
    for (const [at, pump] of pumps.entries()) {
      const round = rounds[at];
      assert.ok(round);
      await closeRound(target, facts, pump, round);
      await eventually(() => assert.deepEqual(seenOf(lines, round), { [round.tcp4]: "ECONNABORTED", [round.tcp6]: "ECONNABORTED", [round.udp4]: "ECONNABORTED" }, pump), 30_000);
    }
    await refuseStranger(target, facts, stranger);
  } finally {
    await running.stop();
  }
}

function seenOf({ seen }: Lines, { tcp4, tcp6, udp4 }: Victims["rounds"][number]): Record<number, string> {
  const all = seen.slice(1).map((line) => JSON.parse(line) as { port: number; seen: string });
  return Object.fromEntries(all.filter(({ port }) => [tcp4, tcp6, udp4].includes(port)).map(({ port, seen: what }) => [port, what]));
}

async function closeRound(target: Target, facts: HostFacts, pump: PumpKind, { tcp4, tcp6, udp4, listener }: Victims["rounds"][number]): Promise<void> {
  const filter = `sport = :${tcp4} or sport = :${tcp6} or sport = :${udp4} or sport = :${listener}`;
  const look = async (): Promise<SocketRow[]> => [...(await takeSockets(target, facts, { filter, protocols: ["tcp", "udp"], owners: false })).sockets];
  const listed = await look();
  assert.deepEqual(listed.map(({ protocol, family, local }) => `${protocol} ${family} ${local.port}`).sort(), [`tcp ipv4 ${tcp4}`, `tcp ipv6 ${tcp6}`, `udp ipv4 ${udp4}`, `tcp ipv4 ${listener}`].sort());
  const options = { pumps: [pump], consent: () => Promise.resolve(true) };
  assert.deepEqual((await destroySockets(target, facts, listed, options)).map(({ outcome }) => outcome), ["closed", "closed", "closed", "closed"], pump);
  // A UDP socket loses its peer, but not the port that its program bound.
  assert.deepEqual((await look()).filter(({ state }) => state !== "TIME-WAIT").map(({ protocol, state, local }) => `${protocol} ${state} ${local.port}`), [`udp UNCONN ${udp4}`], pump);
  const again = await destroySockets(target, facts, listed.filter(({ protocol }) => protocol === "tcp"), options);
  assert.deepEqual(again.map(({ outcome }) => outcome), ["gone", "gone", "gone"], `${pump}: what is gone is no failure`);
}

/** A user without CAP_NET_ADMIN lists the sockets of his namespace and closes none of them. */
async function refuseStranger(target: Target, facts: HostFacts, stranger: { readonly target: Target; readonly facts: HostFacts }): Promise<void> {
  const { sockets } = await takeSockets(stranger.target, stranger.facts, { filter: "state listening sport = :22", protocols: ["tcp"] });
  const [daemon] = [...sockets];
  assert.ok(daemon);
  const [result] = await destroySockets(stranger.target, stranger.facts, [daemon]);
  assert.deepEqual([result?.outcome, result?.text], ["not-permitted", "Not permitted: it needs CAP_NET_ADMIN in that network namespace."]);
  const still = await takeSockets(target, facts, { filter: "state listening sport = :22", protocols: ["tcp"] });
  assert.ok([...still.sockets].some(({ cookie }) => cookie === daemon.cookie));
}
