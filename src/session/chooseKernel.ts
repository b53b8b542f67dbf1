import type { HostFacts } from "../probes/hostFacts";

/** A host that is at hand, with the kernel it runs. */
export interface KnownHost {
  readonly name: string;
  readonly facts: Pick<HostFacts, "release" | "buildId">;
}

/** What a text says about the kernel of its stacks. */
export interface NamedKernel {
  readonly build?: string;
  readonly buildId?: string;
}

export type KernelChoice = { readonly host: KnownHost } | { readonly kind: "no-host" | "other-kernel"; readonly message: string; readonly advice: string };

/**
 * The host whose kernel a stack is of. A build id decides, then the release; a text that names neither is taken to be of the first host. A host
 * with another kernel is never taken: its lines would be wrong ones.
 *
 * @param hosts the one that commands mean first
 */
export function chooseKernel(hosts: readonly KnownHost[], { build, buildId }: NamedKernel): KernelChoice {
  const [first] = hosts;
  const named = build ?? (buildId === undefined ? undefined : `build id ${buildId}`);
  if (!first) {
    const message = named === undefined ? "No host is connected, so nothing tells which kernel this is of." : `No host is connected; the text is of kernel ${named}.`;
    return { kind: "no-host", message, advice: named === undefined ? "Connect to the host that printed it." : `Connect to a host that runs ${named}.` };
  }
  const byId = buildId === undefined ? undefined : hosts.find(({ facts }) => facts.buildId === buildId);
  const comparable = buildId === undefined ? hosts : hosts.filter(({ facts }) => facts.buildId === undefined);
  const host = byId ?? (build === undefined ? (buildId === undefined ? first : undefined) : comparable.find(({ facts }) => facts.release === build));
  if (host) return { host };
  const running = hosts.map(({ name, facts }) => `${name} runs ${facts.release}${buildId === undefined ? "" : ` (build id ${facts.buildId ?? "unknown"})`}`).join(", ");
  const wanted = buildId === undefined || build === undefined ? (named ?? "") : `${build} (build id ${buildId})`;
  return { kind: "other-kernel", message: `The text is of kernel ${wanted}; ${running}.`, advice: `Connect to a host that runs it: lines of another build would be wrong ones.` };
}
