import { DomainError } from "../base/errors";

export interface RequestOptions {
  /** The configured servers: a redirect to anything else is refused. */
  readonly servers: readonly string[];
  /** Milliseconds without a byte. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** First and last byte wanted. */
  readonly range?: readonly [first: number, last: number];
}

export interface ServerAnswer {
  readonly url: string;
  /** Of the whole thing, even where a part was asked for; undefined when the server does not say. */
  readonly size: number | undefined;
  /** true: the body is the range that was asked for, and no more. */
  readonly partial: boolean;
  /** Ends with an error when the server stalls or the link breaks. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The rest of the body is not wanted. */
  close(): void;
}

const mostRedirects = 5;

/**
 * One GET. undefined: the server does not have it.
 *
 * @throws DomainError `debuginfod/unreachable`, `debuginfod/timeout`, `debuginfod/refused`, `debuginfod/redirected`
 */
export async function request(url: string, options: RequestOptions): Promise<ServerAnswer | undefined> {
  const watch = new Watchdog(url, options);
  try {
    const response = await follow(url, options, watch);
    if (response.status === 404) {
      watch.close();
      return undefined;
    }
    if (response.status !== 200 && response.status !== 206) throw new DomainError("debuginfod/refused", `answered ${response.status} ${response.statusText}`.trim(), url);
    return { url, size: sizeOf(response), partial: response.status === 206, body: watch.chunks(response), close: () => watch.close() };
  } catch (error) {
    watch.close();
    throw watch.explain(error);
  }
}

async function follow(url: string, { servers, range }: RequestOptions, watch: Watchdog): Promise<Response> {
  // A range of compressed bytes would be of no use.
  const headers: Record<string, string> = range ? { Range: `bytes=${range[0]}-${range[1]}`, "Accept-Encoding": "identity" } : {};
  for (let at = url, hops = 0; ; hops++) {
    const response = await fetch(at, { headers, redirect: "manual", signal: watch.signal });
    const location = response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    at = new URL(location, at).href;
    const known = servers.some((server) => new URL(server).origin === new URL(at).origin);
    if (!known) throw new DomainError("debuginfod/redirected", `sends us on to ${new URL(at).origin}, which is not configured`, url);
    if (hops >= mostRedirects) throw new DomainError("debuginfod/redirected", "sends us on again and again", url);
  }
}

/** The whole's size: of a range's header, of debuginfod's own header, of the body when it comes as it is. */
function sizeOf(response: Response): number | undefined {
  const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  const length = response.headers.get("content-encoding") === null ? response.headers.get("content-length") : null;
  for (const text of [total, response.headers.get("x-debuginfod-size"), response.status === 206 ? null : length]) {
    if (text !== undefined && text !== null && /^\d{1,15}$/.test(text)) return Number(text);
  }
  return undefined;
}

/** Ends a request that is silent for too long, and tells that apart from the user's own wish to end it. */
class Watchdog {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private stalled = false;
  private readonly abort = (): void => this.controller.abort();

  constructor(
    private readonly url: string,
    private readonly options: RequestOptions,
  ) {
    options.signal?.throwIfAborted();
    options.signal?.addEventListener("abort", this.abort, { once: true });
    this.alive();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  async *chunks(response: Response): AsyncGenerator<Uint8Array> {
    try {
      if (!response.body) return;
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        this.alive();
        yield chunk;
        this.alive();
      }
    } catch (error) {
      throw this.explain(error);
    } finally {
      this.close();
    }
  }

  explain(error: unknown): unknown {
    if (this.options.signal?.aborted) return this.options.signal.reason;
    if (this.stalled) return new DomainError("debuginfod/timeout", `was silent for ${Math.round(this.options.timeoutMs / 1000)} s`, this.url, { cause: error });
    if (error instanceof DomainError) return error;
    return new DomainError("debuginfod/unreachable", reasonOf(error), this.url, { cause: error });
  }

  close(): void {
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener("abort", this.abort);
    this.controller.abort();
  }

  private alive(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.stalled = true;
      this.controller.abort();
    }, this.options.timeoutMs);
    this.timer.unref();
  }
}

/** fetch hides the reason of a failure in its cause, and there may be several of one name's addresses. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  if (cause instanceof Error && cause.message !== "") return cause.message;
  return error instanceof Error ? error.message : String(error);
}
