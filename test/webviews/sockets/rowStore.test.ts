import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { SocketWindow } from "../../../src/protocol/socketTable";
import { RowStore } from "../../../src/webviews/sockets/rowStore";

interface Request {
  readonly version: number;
  readonly from: number;
  answer(): Promise<void>;
  fail(): Promise<void>;
}

/** A store whose requests the test answers. */
function setUp() {
  const requests: Request[] = [];
  const failures: unknown[] = [];
  let drawn = 0;
  const fetch = (version: number, from: number, count: number): Promise<SocketWindow> =>
    new Promise((resolve, reject) => {
      const rows = Array.from({ length: count }, (_, index) => [`${version}:${from + index}`]);
      const settled = (action: () => void) => async () => {
        action();
        await setImmediate();
      };
      requests.push({ version, from, answer: settled(() => resolve({ version, from, rows })), fail: settled(() => reject(new Error("lost"))) });
    });
  const store = new RowStore(fetch, () => (drawn += 1), (error) => failures.push(error));
  return { store, requests, failures, drawn: () => drawn };
}

describe("RowStore", () => {
  it("asks for the page in sight, then for its neighbours, and not twice", async () => {
    const { store, requests, drawn } = setUp();
    store.reset({ version: 1, count: 1_000_000 }, ["local"]);
    store.want(500_000, 500_030);
    store.want(500_001, 500_031);
    assert.deepEqual(requests.map(({ from }) => from), [500_000, 500_100]);
    await requests[0]!.answer();
    assert.deepEqual([store.cells(500_007), store.cells(499_999), drawn()], [["1:500007"], undefined, 1]);
    assert.deepEqual(requests.map(({ from }) => from), [500_000, 500_100, 499_900]);
  });

  it("does not ask for what was scrolled past", async () => {
    const { store, requests } = setUp();
    store.reset({ version: 1, count: 1_000_000 }, ["local"]);
    for (let top = 0; top < 900_000; top += 1000) store.want(top, top + 30);
    assert.equal(requests.length, 2);
    await requests[0]!.answer();
    assert.deepEqual(requests.map(({ from }) => from), [0, 100, 899_000]);
  });

  it("takes no rows of an arrangement that is no more", async () => {
    const { store, requests } = setUp();
    store.reset({ version: 1, count: 50 }, ["local"]);
    store.want(0, 30);
    store.reset({ version: 2, count: 50 });
    store.want(0, 30);
    await requests[0]!.answer();
    assert.equal(store.cells(3), undefined);
    await requests[1]!.answer();
    assert.deepEqual(store.cells(3), ["2:3"]);
  });

  it("keeps no more than it needs", async () => {
    const { store, requests } = setUp();
    store.reset({ version: 1, count: 1_000_000 }, ["local"]);
    for (let page = 0; page < 300; page++) {
      store.want(page * 100, page * 100 + 30);
      while (requests.length > 0) await requests.shift()!.answer();
    }
    assert.equal(store.cells(0), undefined);
    assert.deepEqual(store.cells(29_900), ["1:29900"]);
  });

  it("says failures, and asks again when asked again", async () => {
    const { store, requests, failures } = setUp();
    store.reset({ version: 1, count: 50 }, ["local"]);
    store.want(0, 30);
    await requests[0]!.fail();
    assert.equal(failures.length, 1);
    store.want(0, 30);
    assert.equal(requests.length, 2);
  });
});
