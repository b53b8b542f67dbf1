import { eventFacts } from "../../collectors/traces/eventFacts";
import type { TraceGroup } from "../../collectors/traces/traceModel";
import type { Listener } from "../../collectors/socketModel";
import { citationOf } from "../../knowledge/findings/citations";
import type { Finding } from "../../collectors/capability";
import { bullets, escapeMarkdown, inlineCode } from "./markdown";
import { endpointText } from "../../collectors/endpointText";
import { known, processText } from "./words";

/** Why a listener is in the state it is in, as Markdown for a person who has not met listen queues before. */
export function explainListener(listener: Listener, dropsSinceConnect: number | undefined): string {
  const { acceptQueue, synQueue, verdict } = listener;
  const facts = [
    ...verdict.evidence,
    `accept queue: ${known(acceptQueue.length)} waiting, limit ${known(acceptQueue.limit)}`,
    `SYN queue: ${known(synQueue.length)} handshakes, limit ${known(synQueue.limit)}`,
    `drops: ${dropsSinceConnect === undefined ? "?" : `+${dropsSinceConnect}`} since connect, ${known(listener.drops)} since the socket listens`,
    `process: ${processText(listener.processes) || "?"}`,
    `network namespace: ${listener.netns.name} (${listener.netns.inode})`,
  ];
  return `# ${escapeMarkdown(endpointText(listener.local))} ${escapeMarkdown(processText(listener.processes))}

${escapeMarkdown(verdict.text)}

${bullets(facts)}

## How to read this

- The **accept queue** holds established connections until the program calls ${inlineCode("accept()")}. Its limit is the smaller of the program's ${inlineCode("listen()")} backlog and ${inlineCode("net.core.somaxconn")} *at the time of the call*; one more than the limit fits. Raising somaxconn changes nothing until the program listens again.
- When it is full, new SYNs are dropped in silence and clients retry after 1 s, 3 s, 7 s. With ${inlineCode("net.ipv4.tcp_abort_on_overflow")} = 1 the last ACK of a handshake is answered with a reset instead.
- The **SYN queue** holds handshakes that wait for that last ACK. When it is full, SYN cookies are sent if ${inlineCode("net.ipv4.tcp_syncookies")} allows them, else SYNs are dropped.
- **Drops** count everything this listener refused, whatever the cause.
- A number shown as ${inlineCode("?")} could not be read on this host. It is not zero.
`;
}

/** Why something happened: cause, evidence, what else it might be, and where the kernel decides it. */
export function explainGroup({ explanation, count, event }: TraceGroup): string {
  const { cause, evidence, alternatives, citation } = explanation;
  const sections = [
    `# ${escapeMarkdown(cause.title)}`,
    escapeMarkdown(cause.detail),
    `${count} × · ${inlineCode(cause.id)} · confidence: ${cause.confidence} ${cause.expected ? " · normal work" : ""}`,
    bullets(eventFacts(event).map(({ label, text }) => `${label}: ${text}`)),
    ...(evidence.length > 0 ? [`## Evidence\n\n${bullets(evidence)}`] : []),
    ...(alternatives.length > 0 ? [`## What it could also be\n\n${alternatives.map((id) => `- ${inlineCode(id)}`).join("\n")}`] : []),
    ...(citation === undefined ? [] : [`## Where the kernel decides\n\n${escapeMarkdown(citation)}`]),
  ];
  return `${sections.join("\n\n")}\n`;
}

export function explainFinding(finding: Finding): string {
  const { remedy } = finding;
  const citation = citationOf(finding);
  const sections = [
    `# ${escapeMarkdown(finding.title)}`,
    escapeMarkdown(finding.detail),
    `## Evidence\n\n${bullets(finding.evidence)}`,
    ...(remedy ? [`## Remedy\n\n${escapeMarkdown(remedy.title)}${remedy.command === undefined ? "" : `\n\n    ${remedy.command}`}${remedy.price === undefined ? "" : `\n\n${escapeMarkdown(remedy.price)}`}`] : []),
    ...(citation === undefined ? [] : [`## Where the kernel decides\n\n${escapeMarkdown(citation)}`]),
  ];
  return `${sections.join("\n\n")}\n`;
}
