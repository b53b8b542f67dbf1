/** Listeners, queues and sockets of real kernels, against scenarios whose truth is known and against the target's own ss. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareListeners } from "../../src/collectors/compareListeners";
import { takeListeners } from "../../src/collectors/listeners";
import type { PumpKind, PumpOptions } from "../../src/collectors/pumpLadder";
import type { Listener, ListenersSnapshot } from "../../src/collectors/socketModel";
import { takeSockets } from "../../src/collectors/sockets";
import type { HostFacts } from "../../src/probes/hostFacts";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import type { Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { connectLab } from "../support/labTarget";
import { checkDestroy } from "./checkDestroy";
import { checkInterrupted, checkWithoutSockDiag } from "./checkRefusals";
import { checkFilters, checkOtherFilters, checkZoo, fewExpressions, fewOther } from "./checkZoo";
import { downLab } from "./downLab";
import { inGuest } from "./guestControl";
import { fullKernels } from "./labKernel";
import type { LabState } from "./labState";
import { ownTarget } from "./ownTarget";
import { findScenario, holdScenario, type ScenarioResult } from "./runScenario";
import { firstLine, openZoo } from "./socketZoo";
import { upLab } from "./upLab";

const minutes = 60_000;

/** What a look at the held scenario shows, and what the scenario itself says is true. */
type Look = (result: ScenarioResult) => Promise<void>;

async function during(scenario: string, name: string, look: Look): Promise<void> {
  const held = await holdScenario(scenario, name);
  try {
    await look(held.result);
  } finally {
    await held.end();
  }
}

const at = (snapshot: ListenersSnapshot, port: number): Listener => {
  const found = snapshot.listeners.find(({ local }) => local.port === port);
  assert.ok(found, `a listener on port ${port}`);
  return found;
};

const portOf = (scenario: string): number => findScenario(scenario).port;

for (const kernel of fullKernels) {
  const name = ownTarget(`test-sockets-${kernel}`);
  // How bytes are carried does not depend on the kernel, so the second one need not wait for every way.
  const pumps: readonly PumpKind[] = kernel === fullKernels[0] ? ["perl", "python3", "ss", "helper"] : ["perl"];

  describe(`sockets of kernel ${kernel}`, function () {
    this.timeout(10 * minutes);
    let state: LabState;
    let target: Target;
    let facts: HostFacts;
    const connected: Target[] = [];

    const connect = async (): Promise<void> => {
      target = await connectLab(state);
      connected.push(target);
      facts = await runProbe(target, hostFactsProbe);
    };
    const listeners = (options: PumpOptions = {}): Promise<ListenersSnapshot> => takeListeners(target, facts, options);

    before(async () => {
      state = await upLab(kernel, { name });
      await connect();
    });
    after(async () => {
      await Promise.all(connected.map((one) => one.dispose()));
      await downLab(name);
    });

    it("show a listener as the target's ss does", async () => {
      const lines = (await inGuest(state, "ss -H -ltn")).trim().split("\n").map((line) => line.split(/\s+/));
      const snapshot = await listeners();
      const shown = snapshot.listeners.map(({ family, local, acceptQueue }) => [acceptQueue.length, acceptQueue.limit, family === "ipv4" ? `${local.address}:${local.port}` : `[${local.address}]:${local.port}`].join(" "));
      assert.deepEqual(shown.sort(), lines.map(([, recvQ, sendQ, local]) => [recvQ, sendQ, local].join(" ")).sort());
      assert.deepEqual(snapshot.listeners.map(({ processes }) => processes[0]?.name), snapshot.listeners.map(() => "sshd"));
    });

    it("see an accept queue overflow, through every pump", async () => {
      const before = await listeners();
      await during("accept-queue-overflow", name, async ({ observed }) => {
        for (const pump of pumps) {
          const { snapshot, namespaces } = compareListeners(before, await listeners({ pumps: [pump], consent: () => Promise.resolve(true) }));
          const listener = at(snapshot, portOf("accept-queue-overflow"));
          assert.deepEqual(listener.acceptQueue, observed["acceptQueue"], pump);
          assert.deepEqual([listener.verdict.health, listener.verdict.limitedBy], ["full", "backlog"], pump);
          assert.ok((listener.dropsSince ?? 0) >= 5, pump);
          assert.ok((namespaces[0]?.deltas["TcpExtListenOverflows"] ?? 0) >= 5, pump);
          assert.match(snapshot.findings[0]?.title ?? "", /^The accept queue of 127\.0\.0\.1:\d+ python3\[\d+\] overflowed \d+ times in /, pump);
        }
      });
    });

    it("count the handshakes of a full SYN queue, and blame the lost answers", async () => {
      for (const scenario of ["syn-queue-full", "syn-queue-full-cookies"]) {
        const before = await listeners();
        await during(scenario, name, async ({ observed }) => {
          const { snapshot } = compareListeners(before, await listeners());
          const listener = at(snapshot, portOf(scenario));
          assert.deepEqual(listener.synQueue, { length: observed["synQueue"], limit: 4 });
          assert.equal(listener.handshakes.length, observed["synQueue"]);
          assert.equal(listener.verdict.health, "full");
          const flood = snapshot.findings.find(({ id }) => id === "syn-flood");
          assert.equal(flood?.severity, scenario.endsWith("cookies") ? "warning" : "error", scenario);
        });
      }
    });

    it("tell a listener that is flooded with SYNs from its neighbour whose program does not accept", async () => {
      const scenario = "flood-beside-slow-accept";
      const before = await listeners();
      await during(scenario, name, async () => {
        // A SYN-ACK is sent again after a second; until then silence is no sign.
        await eventually(async () => {
          const { snapshot } = compareListeners(before, await listeners());
          const [slow, flooded] = [at(snapshot, portOf(scenario)), at(snapshot, portOf(scenario) + 1)];
          assert.deepEqual([slow.verdict.kind, flooded.verdict.kind], ["overflowing", "syn-queue-full"]);
          assert.deepEqual([flooded.acceptQueue, flooded.synQueue], [{ length: 0, limit: 8 }, { length: 9, limit: 8 }]);
          assert.match(flooded.verdict.text, /^SYN queue full: 9 handshakes in flight from 9 addresses, limit 8; cookies are off, .* a SYN flood from forged addresses/);
          assert.match(flooded.verdict.evidence.join(" "), /\d of the handshakes got their SYN-ACK more than once/);
          const titles = new Map(snapshot.findings.map(({ id, title }) => [id, title]));
          assert.match(titles.get("syn-flood") ?? "", new RegExp(`^The SYN queue of 10\\.9\\.3\\.1:${portOf(scenario) + 1} .* was full`));
          assert.match(titles.get("accept-queue-overflow") ?? "", new RegExp(`^The accept queue of 127\\.0\\.0\\.1:${portOf(scenario)} .* overflowed`));
        }, 15_000);
      });
    });

    it("find listeners in every namespace, with the limits of each", async () => {
      await during("netns-somaxconn", name, async ({ observed }) => {
        const spaces = observed["namespaces"] as readonly { name: string | null; pid: number; inode: number; limit: number }[];
        const port = portOf("netns-somaxconn");
        const expected = spaces.map(({ name: given, pid, inode, limit }) => `${given ?? `python3[${pid}]`} ${inode} ${limit}`).sort();
        for (const pump of [...pumps, "proc"] as const) {
          const snapshot = await listeners({ pumps: [pump], consent: () => Promise.resolve(true) });
          const shown = snapshot.listeners.filter(({ local }) => local.port === port).map(({ netns, acceptQueue }) => `${netns.name} ${netns.inode} ${acceptQueue.limit ?? "unknown"}`);
          assert.deepEqual(shown.sort(), pump === "proc" ? expected.map((line) => line.replace(/\d+$/, "unknown")) : expected, pump);
        }
        const small = at({ ...(await listeners()), notes: [] }, port);
        assert.equal(small.verdict.limitedBy, small.acceptQueue.limit === 511 ? "backlog" : "somaxconn");
      });
    });

    it("are the same sockets, states and queues as ss lists", async () => {
      await during("accept-queue-overflow", name, async () => {
        const port = portOf("accept-queue-overflow");
        const filter = `sport = :${port} or dport = :${port}`;
        const expected = (await inGuest(state, `ss -H -tan '( ${filter} )'`)).trim().split("\n").map((line) => line.trim().split(/\s+/).slice(0, 5).join(" "));
        const { sockets } = await takeSockets(target, facts, { filter, protocols: ["tcp"], details: true });
        const rows = [...sockets];
        const shown = rows.map(({ state: word, recvQ, sendQ, local, remote }) => [word, recvQ, sendQ, `${local.address}:${local.port}`, `${remote.address}:${remote.port === 0 ? "*" : (remote.port ?? "")}`].join(" "));
        assert.deepEqual(shown.sort(), expected.sort());
        assert.ok(rows.every(({ info }) => info?.["unknown_tail_bytes"] === undefined && typeof info?.["tcpi_bytes_sent"] === "string"));
        assert.ok(rows.filter(({ state: word, processes }) => word === "ESTAB" && processes.length === 0).length >= 3, "children nobody accepted belong to nobody");
      });
    });

    it("are, of a zoo of every family, state and option, what ss shows and filters", async () => {
      const zoo = await openZoo(target);
      try {
        await checkZoo(target, facts, zoo);
        await checkFilters(target, facts, zoo, fewExpressions);
        await checkOtherFilters(target, facts, zoo, fewOther);
      } finally {
        await zoo.end();
      }
    });

    it("stand in namespaces that have the names of their containers, as every runtime lays them", async () => {
      const program = readFileSync(join(__dirname, "guest/containers.py"), "utf8");
      const running = await target.start({ argv: ["sh", "-c", 'sleep 600 | python3 -c "$1"', "containers", program], privilege: "root" });
      try {
        const made = JSON.parse(await firstLine(running)) as Record<string, readonly [port: number, inode: number]>;
        const expected = Object.entries(made).map(([label, [port, inode]]) => `${port} ${inode} ${label}`);
        const ports = new Set(Object.values(made).map(([port]) => port));
        const shown = (await listeners()).listeners.filter(({ local }) => ports.has(local.port ?? 0)).map(({ netns, local }) => `${local.port} ${netns.inode} ${netns.name}`);
        assert.deepEqual(shown.sort(), expected.sort());
      } finally {
        await running.stop();
      }
    });

    it("are closed one by one, and their programs see it; not for a user without rights", async () => {
      const plain = await connectLab(state, "knet-plain");
      try {
        const able = pumps.filter((pump) => pump !== "ss");
        await checkDestroy(target, facts, { target: plain, facts: await runProbe(plain, hostFactsProbe) }, able);
      } finally {
        await plain.dispose();
      }
    });

    for (const [scenario, title, remedied] of [
      ["tcp-diag-autoload", undefined, true],
      ["tcp-diag-blocked", "modprobe is told not to load it", true],
      ["tcp-diag-blacklisted", "it is blacklisted", true],
      ["tcp-diag-absent", "its file is not installed", false],
      ["inet-diag-blocked", "modprobe is told not to load it", true],
      ["inet-diag-absent", "its file is not installed", false],
      ["modprobe-path-broken", "the kernel cannot run modprobe", true],
    ] as const) {
      it(`say why tcp_diag is missing, and what helps: ${scenario}`, async () => {
        await during(scenario, name, async () => {
          const snapshot = await listeners();
          const finding = snapshot.findings.find(({ id }) => id === "tcp-diag-missing");
          assert.equal(finding?.title, title === undefined ? undefined : `tcp_diag is not usable: ${title}`);
          assert.equal(at(snapshot, portOf(scenario)).acceptQueue.limit, title === undefined ? 5 : undefined);
          assert.equal(snapshot.source, title === undefined ? "sock_diag" : "proc");
          const argv = finding?.remedy?.argv;
          assert.equal(argv !== undefined, remedied && title !== undefined);
          if (!argv) return;
          const applied = await target.run({ argv, privilege: "root" });
          assert.equal(applied.code, 0, applied.stderr);
          assert.deepEqual(at(await listeners(), portOf(scenario)).acceptQueue, { length: 0, limit: 5 });
        });
      });
    }

    it("are read from /proc/net where the kernel has no sock_diag, and that is said", () => checkWithoutSockDiag(target, facts));

    it("are asked for again when the interfaces changed meanwhile, and what stays uncertain is said", () => checkInterrupted(target, facts));

    it("are seen by an ordinary user: his namespace only, and that is said", async () => {
      const plain = await connectLab(state, "knet-plain");
      try {
        const snapshot = await takeListeners(plain, await runProbe(plain, hostFactsProbe));
        assert.deepEqual(snapshot.namespaces.map(({ netns }) => netns.name), ["init"]);
        assert.deepEqual([at(snapshot, 22).acceptQueue.limit, at(snapshot, 22).processes], [128, []]);
        assert.match(snapshot.notes.join(" "), /Only the own network namespace and the own processes are seen: .*knet-plain/);
      } finally {
        await plain.dispose();
      }
    });

    it("are seen in full by a user with sudo and its password", async () => {
      const sudoer = await connectLab(state, "knet");
      try {
        const snapshot = await takeListeners(sudoer, await runProbe(sudoer, hostFactsProbe));
        assert.deepEqual([at(snapshot, 22).processes[0]?.name, snapshot.notes], ["sshd", []]);
      } finally {
        await sudoer.dispose();
      }
    });

    it("say why tcp_diag is missing: modules-disabled", async () => {
      const held = await holdScenario("modules-disabled", name);
      try {
        const finding = (await listeners()).findings.find(({ id }) => id === "tcp-diag-missing");
        assert.equal(finding?.title, "tcp_diag is not usable: loading of modules is switched off");
        assert.match(finding.remedy?.title ?? "", /^Reboot the host/);
        assert.equal(finding.remedy?.command, undefined);
      } finally {
        await target.dispose();
        await held.end();
        await connect();
      }
    });
  });
}

describe("sockets of a bare host", function () {
  this.timeout(5 * minutes);
  const name = ownTarget("test-sockets-bare");
  let target: Target;
  let facts: HostFacts;
  const asked: string[] = [];

  before(async () => {
    target = await connectLab(await upLab("bare", { name }));
    facts = await runProbe(target, hostFactsProbe);
  });
  after(async () => {
    await target.dispose();
    await downLab(name);
  });

  it("are read from /proc/net without consent: limits unknown", async () => {
    const snapshot = await takeListeners(target, facts);
    assert.deepEqual([snapshot.source, at(snapshot, 22).acceptQueue, at(snapshot, 22).processes[0]?.name], ["proc", { length: 0 }, "dropbear"]);
  });

  it("are read by the helper with consent, asked once, once the remedy was applied; nothing of it stays", async () => {
    const consent = ({ title }: { title: string }): Promise<boolean> => (asked.push(title), Promise.resolve(true));
    const [finding] = (await takeListeners(target, facts, { consent })).findings;
    assert.equal(finding?.title, "tcp_diag is not usable: the kernel cannot run modprobe");
    const applied = await target.run({ argv: finding.remedy?.argv ?? ["false"], privilege: "root" });
    assert.equal(applied.code, 0, applied.stderr);
    const snapshot = await takeListeners(target, facts, { consent });
    assert.deepEqual([snapshot.source, snapshot.findings, asked.length], ["sock_diag", [], 1]);
    assert.ok((at(snapshot, 22).acceptQueue.limit ?? 0) > 0);
    const left = await target.run({ argv: ["sh", "-c", "ls -d /run/.knetscope* /dev/shm/.knetscope* /tmp/.knetscope* ~/.knetscope* 2>/dev/null; true"] });
    assert.equal(Buffer.from(left.stdout).toString(), "");
  });
});
