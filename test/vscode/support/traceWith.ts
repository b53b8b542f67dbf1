import { Emitter } from "../../../src/base/emitter";
import type { TraceGroup, TraceSummary } from "../../../src/collectors/traces/traceModel";
import type { HostTrace } from "../../../src/session/host";

/** A trace that the test feeds and ends. */
export function traceWith(groups: readonly TraceGroup[], more: Partial<TraceSummary>) {
  const changed = new Emitter<void>();
  let summary: TraceSummary = { state: "running", events: 0, lost: 0, startedAt: 0, messages: [], ...more };
  let settle: { resolve: (value: TraceSummary) => void; reject: (error: Error) => void } | undefined;
  const ended = new Promise<TraceSummary>((resolve, reject) => (settle = { resolve, reject }));
  const update = (next: Partial<TraceSummary>): void => {
    summary = { ...summary, ...next };
    changed.emit();
  };
  const trace: HostTrace = {
    request: { kind: "resets" }, groups: () => groups, summary: () => summary, onChange: changed.subscribe, ended,
    stop: () => {
      update({ state: "ended", endedAt: 1000 });
      settle?.resolve(summary);
      return ended;
    },
  };
  return { trace, update, fail: (error: Error) => settle?.reject(error) };
}
