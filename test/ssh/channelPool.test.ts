import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { DomainError, errorCode } from "../../src/base/errors";
import { ChannelPool } from "../../src/ssh/channelPool";

/** A server that allows so many channels at once and refuses others as sshd does. */
function server(limit: number): { readonly open: () => Promise<number>; readonly state: { now: number; most: number; refused: number }; readonly close: () => void } {
  const state = { now: 0, most: 0, refused: 0 };
  const open = async (): Promise<number> => {
    await sleep(1);
    if (state.now >= limit) {
      state.refused++;
      throw Object.assign(new Error("(SSH) Channel open failure: open failed"), { reason: 2 });
    }
    state.most = Math.max(state.most, ++state.now);
    return state.now;
  };
  const close = (): void => {
    state.now--;
  };
  return { open, state, close };
}

const failsWith = (code: string) => (error: unknown) => errorCode(error) === code;

describe("ChannelPool", () => {
  const useMany = async (allowed: number): Promise<ReturnType<typeof server>["state"]> => {
    const { open, state, close } = server(allowed);
    const pool = new ChannelPool("h");
    const work = async (): Promise<void> => {
      const { release } = await pool.acquire(open);
      await sleep(5);
      close();
      release();
      release();
    };
    await Promise.all(Array.from({ length: 30 }, work));
    assert.equal(state.now, 0);
    return state;
  };

  it("opens at most eight at once", async () => {
    const { most, refused } = await useMany(20);
    assert.deepEqual([most, refused], [8, 0]);
  });

  for (const allowed of [1, 2, 5]) it(`gets everything done with ${allowed}`, async () => assert.equal((await useMany(allowed)).most, allowed));

  it("says when nothing becomes free, and when nothing can be opened", async () => {
    const pool = new ChannelPool("h", 50);
    const { open } = server(8);
    const held = await Promise.all(Array.from({ length: 8 }, () => pool.acquire(open)));
    await assert.rejects(pool.acquire(open), failsWith("ssh/no-free-channel"));
    for (const { release } of held) release();
    await assert.rejects(new ChannelPool("h").acquire(server(0).open), failsWith("ssh/no-session"));
  });

  it("passes on other errors and counts right after them", async () => {
    const pool = new ChannelPool("h", 50);
    for (let index = 0; index < 20; index++) await assert.rejects(pool.acquire(() => Promise.reject(new Error("gone"))), /gone/);
    (await pool.acquire(server(1).open)).release();
  });

  it("tries again when a server that ran commands refuses one, but not when it never ran any", async () => {
    const refusing = (refusals: number) => {
      let left = refusals;
      return (): Promise<number> => (left-- > 0 ? Promise.reject(new DomainError("ssh/exec-refused", "Unable to exec", "h")) : Promise.resolve(1));
    };
    const pool = new ChannelPool("h");
    await assert.rejects(pool.acquire(refusing(1)), failsWith("ssh/exec-refused"));
    (await pool.acquire(refusing(0))).release();
    (await pool.acquire(refusing(2))).release();
  });

  it("takes back what is only kept for speed", async () => {
    const pool = new ChannelPool("h", 1000);
    const { open, close } = server(8);
    const held = await Promise.all(Array.from({ length: 8 }, () => pool.acquire(open)));
    let asked = 0;
    pool.addIdleHolder({
      giveBack: () => {
        if (asked++ > 0) return false;
        setTimeout(() => {
          close();
          held[0]?.release();
        }, 5);
        return true;
      },
    });
    await pool.acquire(open);
    assert.ok(asked > 0);
  });
});
