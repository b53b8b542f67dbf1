/**
 * Events that are one and the same thing to a person, counted: same call chain, cause and endpoints, whatever port the client had. The part of a
 * stack below the softirq is chance and does not part groups. Memory is bounded: beyond `limit` groups peers are no longer told
 * apart, and beyond twice that events are counted and not shown.
 */
import { Emitter } from "../../base/emitter";
import { describeError } from "../../base/errors";
import { remembered } from "../../base/remembered";
import type { Writable } from "../../base/writable";
import { budget } from "../../bpftrace/recordProgram";
import { causalDepth } from "../../knowledge/callChain";
import type { Cause, Explanation } from "../../knowledge/cause";
import type { ChainFrame } from "../../knowledge/resetFacts";
import { formatFrame } from "../../stacks/parseFrame";
import type { StackFrame } from "../../stacks/stack";
import type { ResolvedFrame } from "../../symbolize/resolvedFrame";
import type { Endpoint } from "../socketModel";
import { chainOf } from "./chainFrame";
import { readTexts } from "./sourceTexts";
import type { HostQuestions, TraceSubject } from "./traceKind";
import type { TraceEvent, TraceGroup } from "./traceModel";

export interface TraceGroupsOptions {
  /** Resolves a stack; called once a group, and for equal stacks once in all. */
  readonly resolve: (stack: readonly StackFrame[]) => Promise<readonly ResolvedFrame[]>;
  /** The text of a source file of the exact build, or undefined. Called only where the call chain leaves the cause open. */
  readonly readSource?: (file: string) => Promise<string | undefined>;
  /** Without it events are all there is to go by. */
  readonly host?: HostQuestions;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Groups by peer address. Default 500. */
  readonly limit?: number;
}

export class TraceGroups<E extends TraceEvent> {
  private readonly groupsByKey = new Map<string, TraceGroup<E>>();
  /** Group without peer → the only group of it that has one; undefined: there are several. What was only counted goes there. */
  private readonly onlyPeer = new Map<string, string | undefined>();
  private readonly stackNumbers = new Map<string, number>();
  private readonly resolutions = new Map<string, Promise<readonly ResolvedFrame[]>>();
  private readonly pending = new Set<Promise<void>>();
  /** By stack, then by what else decides. */
  private readonly causesOf = remembered<readonly ChainFrame[], Map<string, Cause<string>>>(() => new Map());
  private readonly change = new Emitter<TraceGroup<E>>();
  private readonly limit: number;
  private readonly now: () => number;
  private leftOver = 0;

  /** Called with the group that has changed: an event was added, or its stack is resolved. */
  readonly onChange = this.change.subscribe;

  constructor(
    private readonly subject: TraceSubject<E>,
    private readonly options: TraceGroupsOptions,
  ) {
    this.limit = options.limit ?? subject.limit ?? 500;
    this.now = options.now ?? Date.now;
  }

  /** In the order of their first events. */
  groups(): readonly TraceGroup<E>[] {
    return [...this.groupsByKey.values()];
  }

  /** Events in no group, since there were too many groups. */
  ungrouped(): number {
    return this.leftOver;
  }

  /** @param mixed the events may have several peers: `event` is one of them */
  add(event: E, times = 1, mixed = false): void {
    const [common, own] = this.keysOf(event, this.causeOf(event));
    const precise = mixed ? this.onlyPeer.get(common) : own;
    const apart = precise !== undefined && (this.groupsByKey.has(precise) || this.groupsByKey.size < this.limit);
    const key = apart ? precise : common;
    const known = this.groupsByKey.get(key);
    if (apart && !mixed) this.onlyPeer.set(common, this.onlyPeer.has(common) && this.onlyPeer.get(common) !== key ? undefined : key);
    if (known) this.addTo(known, event, times, mixed);
    else if (this.groupsByKey.size < 2 * this.limit) this.begin({ key, count: times, event, explanation: this.subject.explain(event, chainOf(event.stack)), ...(apart ? {} : { mixed: true }) });
    else this.leftOver += times;
  }

  /** Resolves when every stack so far is resolved. Never rejects: what could not be resolved says so in its frames. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  private addTo(known: TraceGroup<E>, event: E, times: number, mixed: boolean): void {
    const merged = this.subject.merge?.(known.event, event);
    const { key, firstSeen, explanation, stack, learnt } = known;
    const more: Writable<TraceGroup<E>> = { key, count: known.count + times, firstSeen, lastSeen: this.now(), event: merged ?? newest(known, event), explanation, stack };
    if (learnt) more.learnt = learnt;
    if (mixed || known.mixed) more.mixed = true;
    if (!merged) this.put(more);
    else this.extend({ ...more, explanation: this.subject.explain(merged, stack) });
  }

  /** Several events as one may have frames that the first had not: they are resolved behind the others. */
  private extend(group: TraceGroup<E>): void {
    const known = new Set(group.stack.map(({ input }) => input));
    const fresh = this.framesOf(group.event).filter((frame) => !known.has(formatFrame(frame)));
    this.put({ ...group, stack: [...group.stack, ...fresh.map(beingResolved)] });
    if (fresh.length > 0) this.track(this.resolve(fresh).then((resolved) => this.replace(group.key, fresh, resolved)));
  }

  private replace(key: string, frames: readonly StackFrame[], resolved: readonly ResolvedFrame[]): void {
    const group = this.groupsByKey.get(key);
    const byInput = new Map(frames.map((frame, index) => [formatFrame(frame), resolved[index]]));
    if (group) this.put({ ...group, stack: group.stack.map((frame) => byInput.get(frame.input) ?? frame) });
  }

  private framesOf(event: E): readonly StackFrame[] {
    return this.subject.frames?.(event) ?? event.stack;
  }

  private track(work: Promise<void>): void {
    const tracked = work.finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  private begin(group: Omit<TraceGroup<E>, "firstSeen" | "lastSeen" | "stack">): void {
    const time = this.now();
    this.put({ ...group, firstSeen: time, lastSeen: time, stack: this.framesOf(group.event).map(beingResolved) });
    this.track(this.complete(group.key, group.event));
  }

  private async complete(key: string, event: E): Promise<void> {
    const frames = this.framesOf(event);
    const [learnt, stack] = await Promise.all([this.learn(event), this.resolve(frames)]);
    const explanation = await this.explain({ ...event, ...learnt }, stack);
    const group = this.groupsByKey.get(key);
    if (this.subject.merge) this.replace(key, frames, stack);
    else if (group) this.put({ ...group, stack, explanation, ...(learnt && { learnt, event: { ...group.event, ...learnt } }) });
  }

  /** What the host does not tell is not known; the event is explained without. */
  private async learn(event: E): Promise<Partial<E> | undefined> {
    const { subject, options: { host } } = this;
    const learnt = host && subject.learn ? await subject.learn(event, host).catch(() => ({})) : {};
    return Object.keys(learnt).length === 0 ? undefined : learnt;
  }

  private resolve(stack: readonly StackFrame[]): Promise<readonly ResolvedFrame[]> {
    const key = stack.map(frameKey).join(" ");
    const known = this.resolutions.get(key);
    if (known) return known;
    const answer = this.options.resolve(stack).catch((error: unknown) => stack.map((frame) => unresolved(frame, describeError(error))));
    this.resolutions.set(key, answer);
    return answer;
  }

  private async explain(event: E, stack: readonly ResolvedFrame[]): Promise<Explanation<string>> {
    const byChain = this.subject.explain(event, stack);
    const { readSource } = this.options;
    if (byChain.cause.confidence === "certain" || !readSource) return byChain;
    return this.subject.explain(event, stack, await readTexts(stack, readSource));
  }

  private put(group: TraceGroup<E>): void {
    this.groupsByKey.set(group.key, group);
    this.change.emit(group);
  }

  private causeOf(event: E): Cause<string> {
    const chain = chainOf(event.stack);
    const deciding = this.subject.deciding?.(event);
    if (deciding === undefined) return this.subject.explain(event, chain).cause;
    const causes = this.causesOf(chain);
    const known = causes.get(deciding);
    if (known) return known;
    const { cause } = this.subject.explain(event, chain);
    if (causes.size < mostCauses) causes.set(deciding, cause);
    return cause;
  }

  /** Without and with the peer. Normal work is parted by its place alone: nobody asks whose it was. */
  private keysOf(event: E, cause: Cause<string>): readonly [common: string, precise: string] {
    const { process } = event;
    if (cause.expected) {
      const key = `${cause.id}|${event.stack.slice(0, 2).map(frameKey).join(" ")}`;
      return [key, key];
    }
    const { local, remote } = this.subject.ends(event);
    const [here, there] = withoutEphemeralPort(local, remote);
    const parts = this.subject.distinguish(event).map((part) => part ?? "").join("|");
    const common = `${cause.id}|${event.netns ?? ""}|${parts}|${here}|${process?.isOwner ? process.name : ""}|${this.stackNumber(event.stack)}`;
    return [common, `${common}|${there}`];
  }

  /** Keys with whole stacks in them would be most of the work of an event. Beyond the groups that can be there a number says no more than none. */
  private stackNumber(stack: readonly StackFrame[]): number {
    const key = causalKey(stack);
    const known = this.stackNumbers.get(key);
    if (known !== undefined || this.stackNumbers.size >= 20 * this.limit) return known ?? -1;
    this.stackNumbers.set(key, this.stackNumbers.size);
    return this.stackNumbers.size - 1;
  }
}

/** Of one stack. */
const mostCauses = 1000;

/** Of a group the newest event stands for all, with the stack and what was found out of the first. */
const newest = <E extends TraceEvent>({ learnt, event: { stack } }: TraceGroup<E>, event: E): E => (learnt || event.stack !== stack ? { ...event, ...learnt, stack } : event);

/** The frames that led to it. */
const causalKey = remembered((stack: readonly StackFrame[]) => stack.slice(0, Math.min(causalDepth(chainOf(stack)), budget.frames)).map(frameKey).join(" "));

const frameKey = (frame: StackFrame): string => frame.address?.toString(16) ?? formatFrame(frame);

/** Of a client and a server the client has the higher port, but for odd set-ups; that one changes with every connection. */
function withoutEphemeralPort(local: Endpoint | undefined, remote: Endpoint | undefined): readonly [string, string] {
  const isClient = (local?.port ?? 0) > (remote?.port ?? 0) && (remote?.port ?? 0) > 0;
  return [endpointText(local, !isClient), endpointText(remote, isClient)];
}

const endpointText = (endpoint: Endpoint | undefined, withPort: boolean): string =>
  endpoint ? `${endpoint.address}:${withPort ? (endpoint.port ?? "") : "*"}` : "";

const beingResolved = (frame: StackFrame): ResolvedFrame => unresolved(frame, "Being resolved.");

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
