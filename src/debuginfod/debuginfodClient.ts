import type { BuildId } from "../base/brands";
import { DomainError } from "../base/errors";
import { artifactName, artifactPath, type Artifact } from "./artifact";
import { ClientCache } from "./clientCache";
import { bodyOf, RangedFile } from "./rangedFile";
import { request, type RequestOptions, type ServerAnswer } from "./request";
import type { DebuginfodSettings } from "./settings";

/** A transfer as it goes on: bytes so far, and in all where the server said so. */
export interface Transfer {
  readonly what: string;
  readonly server: string;
  readonly received: number;
  readonly total: number | undefined;
  /** Nothing more comes, whether all of it came or not. */
  readonly ended: boolean;
}

export interface ClientOptions {
  readonly signal?: AbortSignal;
  /** Told at the start, a few times a second, and at the end. */
  readonly progress?: (transfer: Transfer) => void;
  /** Asked before 32 MB or more are fetched whole; `bytes` is undefined when the server does not say. Default: yes. */
  readonly agree?: (what: string, bytes: number | undefined, server: string) => Promise<boolean>;
}

/** What the first bytes of a file tell, and how the server lets it be read. */
export interface Peek {
  readonly server: string;
  readonly url: string;
  /** Bytes of the whole file. */
  readonly size: number | undefined;
  readonly start: Uint8Array;
  readonly ranges: boolean;
}

/** Questions to the configured servers, all at once; the first one that has the thing is the one that answers. */
export class DebuginfodClient {
  readonly cache: ClientCache;
  /** Bytes of bodies that were received, over all requests. */
  bytes = 0;
  requests = 0;
  /** A no holds as long as this client: every frame of a stack would ask again. */
  private readonly refused = new Set<string>();
  private readonly running = new Set<Fetch>();

  constructor(
    readonly settings: DebuginfodSettings,
    private readonly options: ClientOptions = {},
  ) {
    this.cache = new ClientCache(settings.cacheFolder);
  }

  get servers(): readonly string[] {
    return this.settings.servers;
  }

  /**
   * The path of the thing in the cache, where it is put first when a server has it. undefined: nobody has it.
   * `servers` are some of the configured ones, when it is known who has the build.
   *
   * @throws DomainError `debuginfod/…` when servers could not be asked, or the thing is too large, or was not agreed to
   */
  async file(id: BuildId, artifact: Artifact, servers = this.servers): Promise<string | undefined> {
    const cached = this.cache.look(id, artifact);
    if (cached.state === "found") return cached.path;
    if (cached.state === "missed") return undefined;
    const fetch: Fetch = { what: artifactName(id, artifact), stop: new AbortController() };
    this.running.add(fetch);
    try {
      const ask = (): Promise<NamedAnswer | undefined> => this.ask(id, artifact, servers, { signal: fetch.stop.signal });
      const first = await ask();
      const answer = first && (await this.agreed(fetch.what, first, ask));
      return answer && (await this.save(id, artifact, answer));
    } finally {
      this.running.delete(fetch);
    }
  }

  /** Ends what is being fetched whole, for good as long as this client lives; what asked for it gets `debuginfod/cancelled`. */
  cancel(): void {
    for (const { what, stop } of this.running) {
      this.refused.add(what);
      stop.abort(new DomainError("debuginfod/cancelled", `the download of the ${what} was cancelled`));
    }
  }

  /** The answer to be read: the same one, or a new one, since a server does not wait while a person thinks. */
  private async agreed(what: string, answer: NamedAnswer, askAgain: () => Promise<NamedAnswer | undefined>): Promise<NamedAnswer | undefined> {
    const { agree } = this.options;
    const isSmall = answer.size !== undefined && answer.size < agreedBytes;
    if (!this.refused.has(what) && (!agree || isSmall)) return answer;
    answer.close();
    if (!this.refused.has(what) && agree && !(await agree(what, answer.size, answer.server))) this.refused.add(what);
    if (this.refused.has(what)) throw new DomainError("debuginfod/not-agreed", `${what} was not fetched`, answer.url);
    return askAgain();
  }

  /** The first `length` bytes, the whole's size, and whether parts can be asked for. Nothing is kept. */
  async peek(id: BuildId, artifact: Artifact, length: number, servers = this.servers): Promise<Peek | undefined> {
    if (this.cache.look(id, artifact).state === "missed") return undefined;
    const answer = await this.ask(id, artifact, servers, { range: [0, length - 1] });
    if (!answer) return undefined;
    const start = await bodyOf(answer, length);
    this.bytes += start.length;
    return { server: answer.server, url: answer.url, size: answer.size, start, ranges: answer.partial && answer.size !== undefined };
  }

  /** A file that its server lets be read in parts. */
  ranged({ url }: Peek, size: number): RangedFile {
    return new RangedFile(url, size, this.requestOptions(), (bytes) => {
      this.bytes += bytes;
      this.requests++;
    });
  }

  private async ask(id: BuildId, artifact: Artifact, servers: readonly string[], { range, signal }: Pick<RequestOptions, "range" | "signal"> = {}): Promise<NamedAnswer | undefined> {
    if (servers.length === 0) return undefined;
    const wished = anySignal(this.options.signal, signal);
    const losers = servers.map(() => new AbortController());
    const asked = servers.map(async (server, index) => {
      this.requests++;
      const answer = await request(`${server}${artifactPath(id, artifact)}`, {
        ...this.requestOptions(anySignal(wished, losers[index]?.signal)),
        ...(range && { range }),
      });
      if (!answer) throw new NotThere(server);
      return { ...answer, server, index };
    });
    try {
      const { index, ...first } = await Promise.any(asked);
      for (const [other, controller] of losers.entries()) if (other !== index) controller.abort();
      return first;
    } catch (error) {
      wished.throwIfAborted();
      const failures: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      const serious = failures.find((failure) => !(failure instanceof NotThere));
      if (serious !== undefined) throw serious as Error;
      this.cache.miss(id, artifact);
      return undefined;
    }
  }

  private async save(id: BuildId, artifact: Artifact, answer: NamedAnswer): Promise<string> {
    const what = artifactName(id, artifact);
    const { maxBytes } = this.settings;
    if (maxBytes !== undefined && (answer.size ?? 0) > maxBytes) {
      answer.close();
      throw new DomainError("debuginfod/too-large", `${what} has ${answer.size ?? 0} bytes; DEBUGINFOD_MAXSIZE allows ${maxBytes}`, answer.url);
    }
    const file = await this.cache.create(id, artifact);
    try {
      const received = await this.receive(what, answer, (chunk) => file.write(chunk));
      if (received === 0) throw new DomainError("debuginfod/truncated", "an empty answer", answer.url);
      if (answer.size !== undefined && received !== answer.size) {
        throw new DomainError("debuginfod/truncated", `${answer.size} bytes were promised and ${received} came`, answer.url);
      }
      return await file.commit();
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  private async receive(what: string, answer: NamedAnswer, take: (chunk: Uint8Array) => Promise<void>): Promise<number> {
    let [received, told] = [0, 0];
    const { server, size: total } = answer;
    const tell = (ended: boolean): void => this.options.progress?.({ what, server, received, total, ended });
    tell(false);
    try {
      for await (const chunk of answer.body) {
        await take(chunk);
        received += chunk.length;
        this.bytes += chunk.length;
        if (Date.now() - told < tellEveryMs) continue;
        told = Date.now();
        tell(false);
      }
    } finally {
      tell(true);
    }
    return received;
  }

  private requestOptions(signal = this.options.signal): RequestOptions {
    const { servers, timeoutMs } = this.settings;
    return { servers, timeoutMs, signal };
  }
}

interface Fetch {
  readonly what: string;
  readonly stop: AbortController;
}

type NamedAnswer = ServerAnswer & { readonly server: string };

const tellEveryMs = 250;
/** Less than this is fetched without a question. */
const agreedBytes = 32 * 2 ** 20;

class NotThere extends Error {}

const anySignal = (...signals: readonly (AbortSignal | undefined)[]): AbortSignal => AbortSignal.any(signals.filter((signal) => signal !== undefined));
