import type { Finding } from "../collectors/capability";
import { listenerName } from "../collectors/listenerFindings";
import { listenerKey } from "../collectors/listenerKey";
import type { Listener, ListenersSnapshot, NetworkNamespace, QueueLimits } from "../collectors/socketModel";

/** What a look at the listeners found, and queues that are short only since the system cut them. */
export function listenerProblems({ findings, listeners, namespaces }: Pick<ListenersSnapshot, "findings" | "listeners" | "namespaces">): readonly Finding[] {
  const told = new Set(findings.map(({ listener }) => listener));
  const limits = new Map(namespaces.map(({ netns, limits: own }) => [netns.inode, own]));
  const capped = listeners.filter((listener) => listener.verdict.limitedBy === "somaxconn" && listener.verdict.health === "warning" && !told.has(listenerKey(listener)));
  return [...findings, ...capped.map((listener) => capFinding(listener, limits.get(listener.netns.inode) ?? {}, listener.netns))];
}

function capFinding(listener: Listener, { somaxconn }: QueueLimits, { isInit }: NetworkNamespace): Finding {
  const setting = `net.core.somaxconn=${Math.max(4096, (somaxconn ?? 0) * 4)}`;
  const argv = ["sysctl", "-w", setting] as const;
  return {
    id: "somaxconn-cap",
    severity: "warning",
    title: `The accept queue of ${listenerName(listener)} is short because of net.core.somaxconn`,
    detail: "listen() asks for a backlog, and the kernel cuts it to net.core.somaxconn at that moment. This queue came close to its end or overflowed, and its limit is exactly that setting.",
    evidence: [listener.verdict.text, ...(somaxconn === undefined ? [] : [`net.core.somaxconn = ${somaxconn}.`])],
    remedy: { title: "Raise net.core.somaxconn", command: argv.join(" "), ...(isInit && { argv: [...argv] as [string, ...string[]] }), changesHost: true, price: "Until the next boot; it counts only once the program has called listen() again." },
    listener: listenerKey(listener),
  };
}
