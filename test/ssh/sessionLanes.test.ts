import assert from "node:assert/strict";
import { DomainError } from "../../src/base/errors";
import type { Channel } from "../../src/target/channel";
import { ChannelPool } from "../../src/ssh/channelPool";
import { SessionLanes, type Lane } from "../../src/ssh/sessionLanes";

/** Each connection has so many sessions, which are kept for ever; channels are told by the number of their connection. */
function fake(sessions: number, refuseFurther = false): { readonly lanes: SessionLanes; readonly made: () => number; readonly closed: number[]; readonly lose: (index: number) => void } {
  const closed: number[] = [];
  const controllers: AbortController[] = [];
  const lane = (): Lane => {
    const controller = new AbortController();
    const index = controllers.push(controller) - 1;
    let taken = 0;
    const open = (): Promise<Channel> => {
      if (taken >= sessions) return Promise.reject(new DomainError("ssh/no-free-channel", "all are busy", "h"));
      taken++;
      return Promise.resolve({ index } as unknown as Channel);
    };
    return { pool: new ChannelPool("h"), open, closed: controller.signal, close: () => closed.push(index) };
  };
  const lanes = new SessionLanes(lane(), () => (refuseFurther ? Promise.reject(new Error("a password is asked for")) : Promise.resolve(lane())));
  return { lanes, made: () => controllers.length, closed, lose: (index) => controllers[index]?.abort() };
}

const indexOf = async ({ lanes }: ReturnType<typeof fake>): Promise<number> => ((await lanes.open(["x"])) as unknown as { readonly index: number }).index;

describe("SessionLanes", () => {
  it("opens a further connection when all sessions are kept, and at most three", async () => {
    const way = fake(2);
    const used: number[] = [];
    for (let at = 0; at < 8; at++) used.push(await indexOf(way));
    assert.deepEqual(used, [0, 0, 1, 1, 2, 2, 3, 3]);
    await assert.rejects(indexOf(way), { code: "ssh/no-free-channel" });
    assert.equal(way.made(), 4);
  });

  it("opens one for all who wait at once", async () => {
    const way = fake(4);
    for (let at = 0; at < 4; at++) await indexOf(way);
    assert.deepEqual(await Promise.all([indexOf(way), indexOf(way), indexOf(way)]), [1, 1, 1]);
  });

  it("says that all are busy when no further one can be had", () => {
    const way = fake(1, true);
    return indexOf(way).then(() => assert.rejects(indexOf(way), { code: "ssh/no-free-channel", message: /all are busy/ }));
  });

  it("forgets one that was lost, and closes all with the first", async () => {
    const way = fake(1);
    await indexOf(way);
    await indexOf(way);
    way.lose(1);
    assert.equal(await indexOf(way), 2);
    await indexOf(way);
    way.lose(0);
    assert.deepEqual(way.closed, [2, 3]);
  });
});
