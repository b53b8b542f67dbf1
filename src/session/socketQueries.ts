import { compareListeners } from "../collectors/compareListeners";
import { destroySockets } from "../collectors/destroySockets";
import { takeListeners } from "../collectors/listeners";
import type { PumpOptions } from "../collectors/pumpLadder";
import type { ListenersSnapshot } from "../collectors/socketModel";
import { takeSockets } from "../collectors/sockets";
import { takeOwners } from "../collectors/takeOwners";
import { takeCounters } from "../collectors/takeCounters";
import type { HostFacts } from "../probes/hostFacts";
import { hostFactsProbe } from "../probes/hostFactsProbe";
import { localHostFacts } from "../probes/localHostFacts";
import { runProbe } from "../probes/probe";
import type { Target } from "../target/target";
import type { Host, HostOptions } from "./host";

export type SocketQueries = Pick<Host, "listeners" | "sockets" | "owners" | "counters" | "destroySockets">;

/** The part of a host that asks for sockets: what the quick commands load, and a part of every host. */
export type SocketHost = SocketQueries & Pick<Host, "name" | "dispose">;

/** On this machine no shell is started for it. */
export const readHostFacts = (target: Target): Promise<HostFacts> => (target.kind === "local" ? Promise.resolve(localHostFacts()) : runProbe(target, hostFactsProbe));

/** Owns the target from now on. */
export async function openSocketHost(target: Target, options: Pick<HostOptions, "consent">): Promise<SocketHost> {
  try {
    return { ...socketQueries(target, await readHostFacts(target), options), name: target.name, dispose: () => target.dispose() };
  } catch (error) {
    await target.dispose();
    throw error;
  }
}

export function socketQueries(target: Target, facts: HostFacts, options: Pick<HostOptions, "consent">): SocketQueries {
  const pump = (signal?: AbortSignal): PumpOptions => pumpOptions(options, signal);
  let previous: ListenersSnapshot | undefined;
  return {
    listeners: async (signal, query) => {
      const snapshot = await takeListeners(target, facts, { ...pump(signal), ...query });
      const compared = previous ? compareListeners(previous, snapshot).snapshot : snapshot;
      // A quick look before the whole one is no measure of time.
      if (query?.owners !== false) previous = snapshot;
      return compared;
    },
    sockets: (query, signal) => takeSockets(target, facts, { ...pump(signal), ...query }),
    owners: (sockets, signal) => takeOwners(target, facts, sockets, pump(signal)),
    counters: (signal) => takeCounters(target, facts, pump(signal)),
    destroySockets: (sockets, signal) => destroySockets(target, facts, sockets, pump(signal)),
  };
}

export const pumpOptions = ({ consent }: Pick<HostOptions, "consent">, signal?: AbortSignal): PumpOptions => ({ ...(consent && { consent }), ...(signal && { signal }) });
