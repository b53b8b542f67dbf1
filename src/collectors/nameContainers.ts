/** Network namespaces by the container that lives in them. One look at each, the first time it is seen. */
import { describeError, errorCode } from "../base/errors";
import { containerProbe, type ContainerFacts } from "../probes/containerProbe";
import type { HostFacts } from "../probes/hostFacts";
import { runProbe } from "../probes/probe";
import type { Target } from "../target/target";
import { containerLabel, containerOf } from "./containerName";
import type { NetworkNamespace } from "./socketModel";

/** Labels by namespace and process; undefined: no container. A process number may come again, together with the same namespace hardly. */
const labels = new WeakMap<Target, Map<string, string | undefined>>();

const keyOf = ({ inode, pid }: NetworkNamespace): string => `${inode}/${pid ?? ""}`;

/** Names of /run/netns that a person chose; those that runtimes make say nothing. */
const isMadeByRuntime = (name: string): boolean => /^(cni-|netns-)[0-9a-f-]{8,}$/.test(name);

const nameable = (netns: NetworkNamespace): boolean => !netns.isInit && netns.pid !== undefined && (netns.name.endsWith(`[${netns.pid}]`) || netns.name.startsWith("/") || isMadeByRuntime(netns.name));

export interface NamedSpaces<T> {
  readonly spaces: readonly T[];
  /** That the names could not be read, and why. */
  readonly notes: readonly string[];
}

/** The same namespaces, those of containers with their names. What cannot be read leaves the names as they are, is said, and is read again at the next look. */
export async function nameContainers<T extends { readonly netns: NetworkNamespace }>(target: Target, facts: HostFacts, spaces: readonly T[], signal?: AbortSignal): Promise<NamedSpaces<T>> {
  const known = labels.get(target) ?? new Map<string, string | undefined>();
  labels.set(target, known);
  const unseen = spaces.map(({ netns }) => netns).filter((netns) => nameable(netns) && !known.has(keyOf(netns)));
  const failure = unseen.length === 0 ? undefined : await learn(target, facts, unseen, known, signal);
  const named = spaces.map((space) => {
    const label = nameable(space.netns) ? known.get(keyOf(space.netns)) : undefined;
    return label === undefined ? space : { ...space, netns: { ...space.netns, name: label } };
  });
  return { spaces: named, notes: failure === undefined ? [] : [`Names of containers could not be read, so namespaces have the names of processes: ${failure}.`] };
}

/** Gives why it failed. */
async function learn(target: Target, facts: HostFacts, unseen: readonly NetworkNamespace[], known: Map<string, string | undefined>, signal?: AbortSignal): Promise<string | undefined> {
  const probe = containerProbe(unseen.flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
  const asRoot = { ...probe, command: { ...probe.command, privilege: "root" as const } };
  // A host under load may fail once; without the right to be root some names can be read still.
  let failure: unknown;
  for (const attempt of facts.uid === 0 ? [probe, probe] : [asRoot, probe]) {
    try {
      const found = await runProbe(target, attempt, signal);
      // A process that has ended meanwhile told nothing of its namespace: another one is asked at the next look.
      for (const netns of unseen) if (found.has(netns.pid ?? 0)) known.set(keyOf(netns), labelOf(found.get(netns.pid ?? 0)));
      return undefined;
    } catch (error) {
      if (errorCode(error) === "target/link-lost" || signal?.aborted) throw error;
      failure = error;
    }
  }
  return describeError(failure);
}

/** The name that a person gave, where a runtime keeps it; else the id that its tools understand. */
export function labelOf(facts: ContainerFacts | undefined): string | undefined {
  const container = facts && containerOf(facts.cgroup);
  if (!container) return undefined;
  const { names } = facts;
  const pod = names.get("io.kubernetes.cri.sandbox-name") ?? names.get("io.kubernetes.pod.name");
  const space = names.get("io.kubernetes.cri.sandbox-namespace") ?? names.get("io.kubernetes.pod.namespace");
  if (pod !== undefined) return containerLabel({ runtime: "k8s", name: space === undefined ? pod : `${space}/${pod}` });
  const name = names.get("docker") ?? names.get("podman") ?? names.get("nerdctl/name");
  return containerLabel({ ...container, ...(name !== undefined && { name }) });
}
