import { openHost } from "../../src/session/openHost";
import type { Host, HostTrace } from "../../src/session/host";
import type { TraceGroup } from "../../src/collectors/traces/traceModel";
import type { TraceRequest } from "../../src/collectors/traces/traceRequest";
import { connectLab } from "../support/labTarget";
import type { FullKernel } from "./labKernel";
import { ensureDebug, ensureSource } from "./ensureDebug";
import type { LabState } from "./labState";
import { upLab } from "./upLab";

/** A lab target as the faces see it: connected, with its debuginfo and source at hand. */
export interface TracedHost {
  readonly kernel: FullKernel;
  readonly state: LabState;
  readonly host: Host;
}

export async function tracedHost(kernel: FullKernel, name: string): Promise<TracedHost> {
  await ensureDebug(kernel);
  await ensureSource(kernel);
  const state = await upLab(kernel, { name });
  return { kernel, state, host: await openLabHost(state) };
}

/** Whatever it asks is agreed to. */
export async function openLabHost(state: LabState): Promise<Host> {
  return openHost(await connectLab(state), {
    debuginfodUrls: [],
    consent: () => Promise.resolve(true),
    ...(state.vmlinux === undefined ? {} : { vmlinux: state.vmlinux }),
    ...(state.debugDir === undefined ? {} : { modules: state.debugDir }),
    ...(state.sourceTarball === undefined ? {} : { sources: [state.sourceTarball] }),
  });
}

/** Starts all at once, since attaching is what takes long, and returns when all are attached. */
export const startTraces = (host: Host, requests: readonly TraceRequest[]): Promise<HostTrace[]> => Promise.all(requests.map((request) => host.trace(request)));

export const countOf = (groups: readonly TraceGroup[]): number => groups.reduce((sum, { count }) => sum + count, 0);

export interface TracedRows {
  readonly host: Host;
  readonly traces: readonly HostTrace[];
}

/** One after the other. `onStarted` is told how many there are by now, and waited for. */
export async function startRows(state: LabState, requests: readonly TraceRequest[], onStarted: (started: number) => Promise<unknown>): Promise<TracedRows> {
  const host = await openLabHost(state);
  const traces: HostTrace[] = [];
  for (const request of requests) await onStarted(traces.push(await host.trace(request)));
  return { host, traces };
}
