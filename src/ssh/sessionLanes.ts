import { errorCode } from "../base/errors";
import type { Channel } from "../target/channel";
import type { ChannelPool } from "./channelPool";
import type { OpenSession } from "./sshChannel";

/** One connection to the host, with its sessions. */
export interface Lane {
  readonly pool: ChannelPool;
  readonly open: OpenSession;
  /** Aborted when it is gone. */
  readonly closed: AbortSignal;
  close(): void;
}

/** Each connection is one more login there. */
const mostLanes = 4;
/** Short commands give their sessions back within this time. */
const shortWaitMs = 1_000;

/**
 * The sessions of one target, over as many connections as they need: a server allows only so many on one (MaxSessions), and a trace keeps its own as long as it runs.
 * A further connection is opened when nothing became free for a moment. When that does not work, one waits as if there were only the first.
 */
export class SessionLanes {
  private readonly further: Lane[] = [];
  private opening: Promise<Lane> | undefined;

  constructor(
    private readonly first: Lane,
    private readonly another: () => Promise<Lane>,
  ) {
    first.closed.addEventListener("abort", () => this.close(), { once: true });
  }

  /** @throws DomainError those of `ChannelPool.acquire` */
  async open(argv: readonly [string, ...string[]]): Promise<Channel> {
    for (const lane of [this.first, ...this.further]) {
      const channel = lane === this.first || lane.pool.hasRoom ? await openSoon(lane, argv) : undefined;
      if (channel) return channel;
    }
    // Others who wait may fill the one that was added.
    while (this.further.length + 1 < mostLanes) {
      const added = await this.add();
      const channel = added && (await openSoon(added, argv));
      if (channel) return channel;
      if (!added) break;
    }
    return this.first.open(argv);
  }

  /** The further connections only. */
  close(): void {
    for (const lane of this.further.splice(0)) lane.close();
  }

  private async add(): Promise<Lane | undefined> {
    this.opening ??= this.another().then((lane) => this.take(lane)).finally(() => (this.opening = undefined));
    return this.opening.catch(() => undefined);
  }

  private take(lane: Lane): Lane {
    if (this.first.closed.aborted) lane.close();
    this.further.push(lane);
    lane.closed.addEventListener("abort", () => {
      const at = this.further.indexOf(lane);
      if (at >= 0) this.further.splice(at, 1);
      lane.pool.drain();
    }, { once: true });
    return lane;
  }
}

/** undefined: all its sessions are busy. */
async function openSoon({ open }: Lane, argv: readonly [string, ...string[]]): Promise<Channel | undefined> {
  try {
    return await open(argv, shortWaitMs);
  } catch (error) {
    if (errorCode(error) !== "ssh/no-free-channel") throw error;
    return undefined;
  }
}
