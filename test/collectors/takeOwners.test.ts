/** Processes asked for after the sockets, through every pump that can, on this machine and without root. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { PumpKind, PumpOptions } from "../../src/collectors/pumpLadder";
import type { SocketRow } from "../../src/collectors/socketModel";
import { takeSockets } from "../../src/collectors/sockets";
import { SocketTable } from "../../src/collectors/socketTable";
import { takeOwners } from "../../src/collectors/takeOwners";
import { readHostFacts } from "../../src/session/socketQueries";
import { localTarget } from "../../src/target/localTarget";
import { manySockets } from "../support/manySockets";

describe("processes of sockets that were listed before", () => {
  const target = localTarget();
  let server: Server;

  before(async () => {
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(async () => {
    server.close();
    await target.dispose();
  });

  for (const kind of ["perl", "python3", "proc"] as const satisfies readonly PumpKind[]) {
    it(`are found through ${kind}, of a few sockets and of all`, async () => {
      const facts = await readHostFacts(target);
      const options: PumpOptions = { privilege: "user", pumps: [kind] };
      const { port } = server.address() as AddressInfo;
      const { sockets } = await takeSockets(target, facts, { filter: `sport = :${port}`, protocols: ["tcp"], owners: false, privilege: "user" });
      assert.deepEqual([sockets.length, sockets.row(0).processes, sockets.surroundings.ownersUnasked], [1, [], true]);
      const few = await takeOwners(target, facts, sockets, options);
      const ownerOf = (row: SocketRow): number | undefined => row.processes[0]?.pid;
      assert.deepEqual([ownerOf(few.sockets.row(0)), few.sockets.surroundings.ownersUnasked], [process.pid, undefined]);
      const { columns } = manySockets(5000);
      for (let row = 0; row < columns.length; row++) columns.inode[row] = row + 1;
      const many = await takeOwners(target, facts, new SocketTable(columns, sockets.surroundings), options);
      const inode = sockets.row(0).inode ?? 0;
      assert.equal(many.sockets.surroundings.owners.get(inode)?.[0]?.pid, process.pid);
    }).timeout(60_000);
  }

  it("are not asked for where no socket can have any", async () => {
    const { sockets } = await takeOwners(target, await readHostFacts(target), SocketTable.empty(), { pumps: [] });
    assert.equal(sockets.length, 0);
  });
});
