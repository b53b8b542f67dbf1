/** Real sockets of this machine, through every pump, without root: what each can know must be the same and true. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { takeListeners } from "../../src/collectors/listeners";
import type { PumpKind, PumpOptions } from "../../src/collectors/pumpLadder";
import type { Listener } from "../../src/collectors/socketModel";
import { takeSockets } from "../../src/collectors/sockets";
import type { HostFacts } from "../../src/probes/hostFacts";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { localTarget } from "../../src/target/localTarget";

const target = localTarget();
const options = (kind: PumpKind): PumpOptions => ({ pumps: [kind], privilege: "user", consent: () => Promise.resolve(true) });

async function listen(address: string, backlog: number): Promise<Server> {
  const server = createServer(() => undefined).listen({ host: address, port: 0, backlog });
  await once(server, "listening");
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe("sockets of this machine", () => {
  let facts: HostFacts;
  let servers: readonly Server[];
  let client: Socket;

  before(async () => {
    facts = await runProbe(target, hostFactsProbe);
    for (const program of ["perl", "python3", "ss", "base64"]) assert.ok(facts.programs[program], `this test needs ${program}`);
    servers = [await listen("127.0.0.1", 7), await listen("::1", 9)];
    client = createConnection({ host: "127.0.0.1", port: portOf(servers[0]!) });
    await once(client, "connect");
  });

  after(async () => {
    client.destroy();
    for (const server of servers) server.close();
    await target.dispose();
  });

  const find = (listeners: readonly Listener[], server: Server): Listener => {
    const found = listeners.find(({ local }) => local.port === portOf(server));
    assert.ok(found, `a listener on port ${portOf(server)}`);
    return found;
  };

  for (const kind of ["perl", "python3", "ss", "helper"] as const) {
    it(`are known with their limits through ${kind}`, async () => {
      const snapshot = await takeListeners(target, facts, options(kind));
      assert.equal(snapshot.source, kind === "ss" ? "ss -D" : "sock_diag", snapshot.notes.join(" "));
      const [v4, v6] = servers.map((server) => find(snapshot.listeners, server));
      assert.deepEqual([v4?.family, v4?.local.address, v4?.acceptQueue.limit, v4?.drops], ["ipv4", "127.0.0.1", 7, 0]);
      assert.deepEqual([v6?.family, v6?.local.address, v6?.acceptQueue.limit], ["ipv6", "::1", 9]);
      assert.deepEqual(v4?.processes.map(({ pid }) => pid), [process.pid]);
      assert.equal(v4.uid, process.getuid?.());
      const [own] = snapshot.namespaces;
      assert.ok((own?.limits.somaxconn ?? 0) > 0);
      assert.ok("TcpExtListenOverflows" in (own?.counters ?? {}));
    });
  }

  it("have unknown limits through /proc/net, never 0", async () => {
    const snapshot = await takeListeners(target, facts, options("proc"));
    assert.equal(snapshot.source, "proc");
    const listener = find(snapshot.listeners, servers[0]!);
    assert.deepEqual(listener.acceptQueue, { length: 0 });
    assert.deepEqual([listener.drops, listener.verdict.health], [undefined, "unknown"]);
    assert.ok(snapshot.notes.some((note) => note.includes("/proc/net")));
  });

  for (const kind of ["perl", "python3", "ss", "helper", "proc"] as const) {
    it(`are found by a filter through ${kind}`, async () => {
      const filter = `state established not sport = :1 and ( dport = :${portOf(servers[0]!)} or sport = :${portOf(servers[0]!)} )`;
      const { sockets } = await takeSockets(target, facts, { ...options(kind), filter, details: true, protocols: ["tcp"] });
      const rows = [...sockets];
      assert.deepEqual(rows.map(({ state, processes }) => [state, processes[0]?.pid]), [["ESTAB", process.pid], ["ESTAB", process.pid]]);
      const mine = rows.find(({ local }) => local.port === client.localPort);
      assert.equal(mine?.info?.["tcpi_state"], kind === "proc" ? undefined : 1);
      assert.equal(mine?.memory === undefined, kind === "proc");
    });
  }

  it("of the helper leave no file behind", async () => {
    const listing = await target.run({ argv: ["sh", "-c", "ls -d /run/.knetscope* /dev/shm/.knetscope* /tmp/.knetscope* ~/.knetscope* 2>/dev/null; true"] });
    assert.equal(Buffer.from(listing.stdout).toString(), "");
  });

  it("are read by the next pump when one fails, and that is said", async () => {
    const broken = { ...facts, programs: { ...facts.programs, perl: "/bin/false" } };
    const snapshot = await takeListeners(target, broken, { privilege: "user" });
    assert.equal(snapshot.source, "sock_diag");
    assert.ok(snapshot.notes.some((note) => note.startsWith("The pump perl failed")), snapshot.notes.join(" "));
  });

  it("are not read through a helper that was not agreed to, and the question is asked once", async () => {
    const asked: string[] = [];
    const bare = { ...facts, programs: {} };
    const other = localTarget();
    const consent = ({ title }: { title: string }): Promise<boolean> => (asked.push(title), Promise.resolve(false));
    const sources = [await takeListeners(other, bare, { consent, privilege: "user" }), await takeListeners(other, bare, { consent, privilege: "user" })].map(({ source }) => source);
    assert.deepEqual(sources, ["proc", "proc"]);
    assert.equal(asked.length, 1);
    await other.dispose();
  });
});
