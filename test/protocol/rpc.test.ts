import assert from "node:assert/strict";
import fc from "fast-check";
import { RpcPeer } from "../../src/protocol/rpc";

interface Calculator {
  readonly add: { readonly params: readonly number[]; readonly result: number };
  readonly fail: { readonly params: undefined; readonly result: never };
}
interface Nothing {
  readonly none: { readonly params: undefined; readonly result: undefined };
}

function pair() {
  const client: RpcPeer<Nothing, Calculator> = new RpcPeer<Nothing, Calculator>((message) => queueMicrotask(() => server.receive(structuredClone(message))), { none: () => undefined });
  const server: RpcPeer<Calculator, Nothing> = new RpcPeer<Calculator, Nothing>((message) => queueMicrotask(() => client.receive(structuredClone(message))), {
    add: (numbers) => numbers.reduce((sum, number) => sum + number, 0),
    fail: () => {
      throw new Error("no luck");
    },
  });
  return { client, server };
}

describe("RpcPeer", () => {
  it("answers each call with its own result", async () => {
    const { client } = pair();
    assert.deepEqual(await Promise.all([client.call("add", [1, 2]), client.call("add", [3])]), [3, 3]);
  });
  it("carries failures back", async () => {
    const { client } = pair();
    await assert.rejects(client.call("fail", undefined), /no luck/);
  });
  it("refuses methods that do not exist, those of Object included", async () => {
    const { client } = pair();
    await assert.rejects(client.call("toString" as "fail", undefined), /no such method: toString/);
  });
  it("lets nobody wait for a side that is gone", async () => {
    const silent = new RpcPeer<Nothing, Calculator>(() => undefined, { none: () => undefined });
    const waiting = silent.call("add", [1]);
    silent.dispose();
    await assert.rejects(waiting, /gone/);
    await assert.rejects(silent.call("add", [1]), /gone/);
  });
  it("leaves messages alone that are not its own", () =>
    fc.assert(fc.property(fc.anything(), (message) => pair().client.receive(message))));
});
