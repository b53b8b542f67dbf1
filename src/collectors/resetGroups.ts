/**
 * Resets that are one and the same thing to a person, counted: same call chain, cause and endpoints, whatever port the client had. The part of a
 * stack below the softirq is chance and does not part groups. Memory is bounded: beyond `limit` groups peers are no longer told
 * apart, and beyond twice that events are counted and not shown.
 */
import { Emitter } from "../base/emitter";
import { describeError } from "../base/errors";
import { causalDepth } from "../knowledge/callChain";
import type { Explanation } from "../knowledge/cause";
import { explainReset } from "../knowledge/explainReset";
import type { SourceText } from "../knowledge/resetFacts";
import { formatFrame } from "../stacks/parseFrame";
import type { StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { asChainFrame } from "./chainFrame";
import type { ResetEvent, ResetGroup } from "./resetModel";
import type { Endpoint } from "./socketModel";

export interface ResetGroupsOptions {
  /** Resolves a stack; called once a group, and for equal stacks once in all. */
  readonly resolve: (stack: readonly StackFrame[]) => Promise<readonly ResolvedFrame[]>;
  /** The text of a source file of the exact build, or undefined. Called only where the call chain leaves the cause open. */
  readonly readSource?: (file: string) => Promise<string | undefined>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Groups by peer address. Default 500. */
  readonly limit?: number;
}

export class ResetGroups {
  private readonly groupsByKey = new Map<string, ResetGroup>();
  private readonly resolutions = new Map<string, Promise<readonly ResolvedFrame[]>>();
  private readonly pending = new Set<Promise<void>>();
  private readonly change = new Emitter<ResetGroup>();
  private readonly limit: number;
  private readonly now: () => number;
  private leftOver = 0;

  /** Called with the group that has changed: an event was added, or its stack is resolved. */
  readonly onChange = this.change.subscribe;

  constructor(private readonly options: ResetGroupsOptions) {
    this.limit = options.limit ?? 500;
    this.now = options.now ?? Date.now;
  }

  /** In the order of their first events. */
  groups(): readonly ResetGroup[] {
    return [...this.groupsByKey.values()];
  }

  /** Events in no group, since there were too many groups. */
  ungrouped(): number {
    return this.leftOver;
  }

  add(event: ResetEvent): void {
    const provisional = explainReset(event, event.stack.map(asChainFrame));
    const precise = groupKey(event, provisional, true);
    const key = this.groupsByKey.has(precise) || this.groupsByKey.size < this.limit ? precise : groupKey(event, provisional, false);
    const known = this.groupsByKey.get(key);
    if (known) this.put({ ...known, count: known.count + 1, lastSeen: this.now(), event: { ...event, stack: known.event.stack } });
    else if (this.groupsByKey.size < 2 * this.limit) this.begin(key, event, provisional);
    else this.leftOver++;
  }

  /** Resolves when every stack so far is resolved. Never rejects: what could not be resolved says so in its frames. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  private begin(key: string, event: ResetEvent, provisional: Explanation): void {
    const time = this.now();
    this.put({ key, count: 1, firstSeen: time, lastSeen: time, event, explanation: provisional, stack: event.stack.map((frame) => unresolved(frame, "Being resolved.")) });
    const work = this.complete(key, event).finally(() => this.pending.delete(work));
    this.pending.add(work);
  }

  private async complete(key: string, event: ResetEvent): Promise<void> {
    const stack = await this.resolve(event.stack);
    const explanation = await this.explain(event, stack);
    const group = this.groupsByKey.get(key);
    if (group) this.put({ ...group, stack, explanation });
  }

  private resolve(stack: readonly StackFrame[]): Promise<readonly ResolvedFrame[]> {
    const key = stack.map((frame) => frame.address ?? formatFrame(frame)).join(" ");
    const known = this.resolutions.get(key);
    if (known) return known;
    const answer = this.options.resolve(stack).catch((error: unknown) => stack.map((frame) => unresolved(frame, describeError(error))));
    this.resolutions.set(key, answer);
    return answer;
  }

  private async explain(event: ResetEvent, stack: readonly ResolvedFrame[]): Promise<Explanation> {
    const byChain = explainReset(event, stack);
    const { readSource } = this.options;
    if (byChain.cause.confidence === "certain" || !readSource) return byChain;
    const files = new Set(stack.slice(0, 3).flatMap((frame) => frame.frames.flatMap(({ source }) => source?.file ?? [])));
    const texts = new Map<string, readonly string[]>();
    for (const file of files) {
      const text = await readSource(file).catch(() => undefined);
      if (text !== undefined) texts.set(file, text.split("\n"));
    }
    const sourceText: SourceText = (file, line) => texts.get(file)?.[line - 1];
    return explainReset(event, stack, sourceText);
  }

  private put(group: ResetGroup): void {
    this.groupsByKey.set(group.key, group);
    this.change.emit(group);
  }
}

function groupKey(event: ResetEvent, { cause }: Explanation, withPeer: boolean): string {
  const { socket, packet, process } = event;
  const local = packet?.destination ?? socket?.local;
  const remote = packet?.source ?? socket?.remote;
  const [here, there] = withoutEphemeralPort(local, remote);
  const frames = event.stack.slice(0, causalDepth(event.stack.map(asChainFrame))).map((frame) => frame.address ?? formatFrame(frame));
  return [
    cause.id, event.kind, event.family, event.netns ?? "", socket?.state ?? "", packet?.flags.join() ?? "", event.reason ?? "",
    here, withPeer ? there : "", process.isOwner ? process.name : "", frames.join(" "),
  ].join("|");
}

/** Of a client and a server the client has the higher port, but for odd set-ups; that one changes with every connection. */
function withoutEphemeralPort(local: Endpoint | undefined, remote: Endpoint | undefined): readonly [string, string] {
  const isClient = (local?.port ?? 0) > (remote?.port ?? 0) && (remote?.port ?? 0) > 0;
  return [endpointText(local, !isClient), endpointText(remote, isClient)];
}

const endpointText = (endpoint: Endpoint | undefined, withPort: boolean): string =>
  endpoint ? `${endpoint.address}:${withPort ? (endpoint.port ?? "") : "*"}` : "";

const unresolved = (frame: StackFrame, message: string): ResolvedFrame => ({
  input: formatFrame(frame),
  ...(frame.symbol === undefined ? {} : { symbol: frame.symbol }),
  ...(frame.offset === undefined ? {} : { offset: frame.offset }),
  ...(frame.module === undefined ? {} : { module: frame.module }),
  status: "no-debuginfo",
  message,
  lookup: frame.kind === "return" ? "caller" : "exact",
  frames: [],
});
