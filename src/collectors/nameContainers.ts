/** Network namespaces by the container that lives in them. One look at each, the first time it is seen. */
import { errorCode } from "../base/errors";
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

/** The same namespaces, those of containers with their names. What cannot be read leaves the names as they are. */
export async function nameContainers<T extends { readonly netns: NetworkNamespace }>(target: Target, facts: HostFacts, spaces: readonly T[], signal?: AbortSignal): Promise<readonly T[]> {
  const known = labels.get(target) ?? new Map<string, string | undefined>();
  labels.set(target, known);
  const unseen = spaces.map(({ netns }) => netns).filter((netns) => nameable(netns) && !known.has(keyOf(netns)));
  if (unseen.length > 0) await learn(target, facts, unseen, known, signal);
  return spaces.map((space) => {
    const label = nameable(space.netns) ? known.get(keyOf(space.netns)) : undefined;
    return label === undefined ? space : { ...space, netns: { ...space.netns, name: label } };
  });
}

async function learn(target: Target, facts: HostFacts, unseen: readonly NetworkNamespace[], known: Map<string, string | undefined>, signal?: AbortSignal): Promise<void> {
  const probe = containerProbe(unseen.flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
  const asRoot = { ...probe, command: { ...probe.command, privilege: "root" as const } };
  const found = await runProbe(target, facts.uid === 0 ? probe : asRoot, signal).catch((error: unknown) => {
    if (errorCode(error) === "target/link-lost" || signal?.aborted) throw error;
    return undefined;
  });
  // What could not be asked is asked again at the next look.
  if (!found) return;
  for (const netns of unseen) known.set(keyOf(netns), labelOf(found.get(netns.pid ?? 0)));
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
