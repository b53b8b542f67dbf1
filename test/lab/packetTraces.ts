import { strict as assert } from "node:assert";
import { explainPath } from "../../src/collectors/traces/packetpath/explainPath";
import type { PathEvent } from "../../src/collectors/traces/packetpath/pathModel";
import { tracePath } from "../../src/collectors/traces/packetpath/tracePath";
import type { RunningTrace } from "../../src/collectors/traces/runningTrace";
import { startTrace } from "../../src/collectors/traces/startTrace";
import type { TraceTool } from "../../src/collectors/traces/traceRequest";
import type { HostFacts } from "../../src/probes/hostFacts";
import type { Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { inGuest } from "./guestControl";
import type { LabState } from "./labState";

export interface PacketLab {
  readonly state: LabState;
  readonly target: Target;
  readonly facts: HostFacts;
}

/** Rules and programs that a trace of packets may leave behind. */
const remains = `{ nft list ruleset; iptables-save; ip6tables-save; iptables-legacy-save; ip6tables-legacy-save; } 2>/dev/null | grep -i -e knetscope -e TRACE
pgrep -x "nft|xtables-nft-mul|xtables-monitor"; pgrep -f "^cat /dev/kmsg"; true`;

/** A packet to a port that a rule drops, told by each tool: the rule is named, and nothing stays. */
export function packetTraces(lab: () => PacketLab): void {
  const guest = (line: string): Promise<string> => inGuest(lab().state, line);

  const start = (events: PathEvent[], tool?: TraceTool): Promise<RunningTrace<PathEvent>> =>
    startTrace(lab().target, lab().facts, tracePath, { kind: "packet", port: 7777, protocol: "tcp", ...(tool && { tool }) }, { onEvent: (event) => events.push(event), consent: () => Promise.resolve(true) });

  const ways: readonly (readonly [words: string, program: string, tool: TraceTool | undefined, rule: RegExp])[] = [
    ["nft names a rule of iptables-nft", "iptables", undefined, /^tcp dport 7777 counter drop$|^meta l4proto tcp .*drop$/],
    ["xtables-monitor names it as iptables writes it", "iptables", "iptables", /^-p tcp -m tcp --dport 7777 -j DROP$/],
    ["without a rule of nf_tables, iptables-legacy is traced by the kernel log", "iptables-legacy", undefined, /^-p tcp -m tcp --dport 7777 -j DROP$/],
  ];
  for (const [words, program, tool, rule] of ways) {
    it(`packets: ${words}, and all marks go`, async () => {
      // Only chains that are gone are none of nf_tables.
      if (program === "iptables-legacy") await guest("nft flush ruleset");
      await guest(`${program} -N WEB; ${program} -A INPUT -p tcp -j WEB; ${program} -A WEB -p tcp --dport 7777 -j DROP`);
      const before = await guest(remains);
      const events: PathEvent[] = [];
      const trace = await start(events, tool);
      await trace.ready;
      assert.notEqual(await guest(remains), before);
      await guest("nc -z -w 1 127.0.0.1 7777; true");
      const found = await eventually(() => events.find((event) => explainPath(event).cause.id === "path-dropped") ?? assert.fail(JSON.stringify(events)), 30_000);
      await trace.stop();
      assert.equal(explainPath(found).cause.title, "Dropped in ip filter WEB");
      assert.match(found.steps.at(-1)?.rule ?? "", rule);
      assert.ok(found.steps.some(({ chain, verdict }) => chain === "INPUT" && verdict === "jump WEB"), JSON.stringify(found.steps));
      assert.deepEqual([found.packet.destination, found.packet.flags], [{ address: "127.0.0.1", port: 7777 }, ["SYN"]]);
      await guest(`${program} -D INPUT -p tcp -j WEB; ${program} -F WEB; ${program} -X WEB`);
      await eventually(async () => assert.equal(await guest(remains), before), 30_000);
    });
  }
}
