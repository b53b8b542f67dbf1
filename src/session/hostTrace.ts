import type { StackFrame } from "../stacks/stack";
import { Emitter } from "../base/emitter";
import { describeError } from "../base/errors";
import type { Endpoint } from "../collectors/socketModel";
import { takeSockets } from "../collectors/sockets";
import type { RunningTrace } from "../collectors/traces/runningTrace";
import { startTrace } from "../collectors/traces/startTrace";
import { TraceGroups } from "../collectors/traces/traceGroups";
import type { HostQuestions, TraceKindOf } from "../collectors/traces/traceKind";
import type { TraceEvent, TraceState, TraceSummary } from "../collectors/traces/traceModel";
import type { TraceRequest } from "../collectors/traces/traceRequest";
import type { KernelSources } from "../kernelsource/kernelSources";
import type { HostFacts } from "../probes/hostFacts";
import type { Target } from "../target/target";
import { adviceFor } from "./advice";
import type { HostOptions, HostTrace } from "./host";
import type { KernelSymbols } from "./kernelSymbols";

export interface TracedHost {
  readonly target: Target;
  readonly facts: HostFacts;
  readonly symbols: KernelSymbols;
  readonly sources: KernelSources;
  readonly consent?: HostOptions["consent"];
}

/** Listeners hear of changes at most this often. Milliseconds. */
const changeInterval = 100;

/**
 * Starts the tracer and waits until it is attached. Events become groups at once; their stacks are resolved
 * and explained behind them, so a slow source of debuginfo never holds up the counting.
 */
export async function startHostTrace<R extends TraceRequest, E extends TraceEvent>(host: TracedHost, kind: TraceKindOf<R, E>, request: R, signal?: AbortSignal): Promise<HostTrace> {
  // The symbol table comes over while the tracer attaches; what the tool names itself serves until then.
  let symbolize = (frame: StackFrame): StackFrame => frame;
  const table = host.symbols.symbolize().then((correct) => (symbolize = correct));
  const groups = new TraceGroups<E>(kind.subject, {
    resolve: async (stack) => host.symbols.resolve(await host.symbols.symbolizeStack(stack)),
    readSource: async (file) => (await host.sources.read(file)).text,
    host: { connectionsWith: (peer) => connectionsWith(host, peer, signal) },
  });
  let events = 0;
  const changes = throttledEmitter();
  groups.onChange(() => changes.touch());
  const running = await startTrace(host.target, host.facts, kind, request, {
    symbolize: (frame) => symbolize(frame),
    ...(host.consent && { consent: host.consent }),
    onEvent: (event, times, mixed) => {
      events += times;
      groups.add(event, times, mixed);
    },
  }, signal);
  await Promise.all([running.ready, table]);
  return attached(running, { request, groups, changes, events: () => events });
}

interface Parts<E extends TraceEvent> {
  readonly request: TraceRequest;
  readonly groups: TraceGroups<E>;
  readonly changes: ThrottledEmitter;
  readonly events: () => number;
}

function attached<E extends TraceEvent>(running: RunningTrace<E>, { request, groups, changes, events }: Parts<E>): HostTrace {
  const startedAt = Date.now();
  let state: TraceState = "running";
  let endedAt: number | undefined;
  let failure: readonly string[] = [];
  const summary = (): TraceSummary => ({
    state,
    events: events(),
    lost: running.lost(),
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    messages: [...failure, ...running.messages(), ...ungroupedMessage(groups.ungrouped())],
  });
  const finish = async (): Promise<TraceSummary> => {
    try {
      await running.ended;
    } catch (error) {
      failure = [describeError(error), adviceFor(error)].filter((text) => text !== undefined);
    }
    await groups.settled();
    endedAt = Date.now();
    state = failure.length === 0 ? "ended" : "failed";
    changes.flush();
    return summary();
  };
  const ended = finish();
  return {
    request,
    groups: () => groups.groups(),
    summary,
    onChange: changes.subscribe,
    ended,
    stop: async () => {
      if (state === "running") state = "stopping";
      changes.touch();
      await running.stop();
      return ended;
    },
  };
}

const ungroupedMessage = (count: number): readonly string[] =>
  count === 0 ? [] : [`${count} events are counted but not shown: there were too many groups. A filter (one port, one process) shows them.`];

interface ThrottledEmitter {
  readonly subscribe: HostTrace["onChange"];
  /** Tells the listeners soon. */
  touch(): void;
  /** Tells them now. */
  flush(): void;
}

function throttledEmitter(): ThrottledEmitter {
  const emitter = new Emitter<undefined>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    emitter.emit(undefined);
  };
  return {
    subscribe: (listener) => emitter.subscribe(() => listener()),
    touch: () => (timer ??= setTimeout(flush, changeInterval)),
    flush,
  };
}

async function connectionsWith({ target, facts }: TracedHost, { address, port }: Endpoint, signal?: AbortSignal): ReturnType<HostQuestions["connectionsWith"]> {
  const filter = `dst ${address.includes(":") ? `[${address}]` : address}:${port ?? "*"}`;
  const { sockets } = await takeSockets(target, facts, { filter, details: false, protocols: ["tcp"], owners: false, ...(signal && { signal }) });
  return [...sockets];
}
