/** The report of evidence for people: Markdown that reads as plain text too. What comes from the host is never taken for markup. */
import type { Finding } from "../collectors/capability";
import { endpointText } from "../collectors/endpointText";
import { graphTree } from "../collectors/traces/callgraph/graphTree";
import { endsText, eventFacts } from "../collectors/traces/eventFacts";
import type { TraceGroup } from "../collectors/traces/traceModel";
import { eventCount, filterText, traceTitle } from "../collectors/traces/traceWords";
import { citationOf } from "../knowledge/findings/citations";
import { placeKey, placesOf, type EvidenceReport, type EvidenceTrace, type SourceExcerpt } from "./evidence";

export function evidenceMarkdown(report: EvidenceReport): string {
  const { host, kernel, takenAt, version, findings, listeners, traces, notes, capabilities } = report;
  const sections = [
    `# Evidence from ${plain(host)}`,
    `Taken ${new Date(takenAt).toISOString()} with KNetScope ${plain(version)}. Kernel ${code(kernel.release)} (${plain(kernel.machine)}), ${plain(kernel.os)}; ${plain(kernel.version)}${kernel.buildId === undefined ? "" : `; build id ${code(kernel.buildId)}`}.`,
    "This report holds addresses, ports, names and numbers of processes, kernel settings and counters, kernel stacks and lines of kernel source. It holds no user names, command lines, environment, file contents or payloads.",
    `## Findings\n\n${findings.length === 0 ? "None." : findings.map(findingText).join("\n\n")}`,
    ...traces.map((trace) => traceText(trace, report.sources)),
    `## Listeners\n\n${listenerTable(listeners)}`,
    `## What could be seen\n\n${capabilities.map(({ title, ok, reason }) => `- ${ok ? "yes" : "**no**"}: ${plain(title)}${reason === undefined ? "" : `: ${plain(reason)}`}`).join("\n")}`,
    ...(notes.length === 0 ? [] : [`## Notes\n\n${notes.map((note) => `- ${plain(note)}`).join("\n")}`]),
  ];
  return `${sections.join("\n\n")}\n`;
}

function findingText(finding: Finding): string {
  const { severity, title, detail, evidence, remedy } = finding;
  const citation = citationOf(finding);
  return [
    `### ${severity}: ${plain(title)}`,
    plain(detail),
    evidence.map((fact) => `- ${plain(fact)}`).join("\n"),
    ...(remedy ? [`Remedy: ${plain(remedy.title)}${remedy.command === undefined ? "" : `, ${code(remedy.command)}`}.${remedy.price === undefined ? "" : ` Price: ${plain(remedy.price)}`}`] : []),
    ...(citation === undefined ? [] : [`In the kernel: ${plain(citation)}.`]),
  ].join("\n\n");
}

function traceText({ request, summary, groups }: EvidenceTrace, sources: EvidenceReport["sources"]): string {
  const filter = filterText(request);
  const time = summary.endedAt === undefined ? "still running" : `${((summary.endedAt - summary.startedAt) / 1000).toFixed(0)} s`;
  const head = `## Trace: ${traceTitle(request)}${filter === "" ? "" : `, ${plain(filter)}`}\n\nFrom ${new Date(summary.startedAt).toISOString()}, ${time}: ${eventCount(request.kind, summary.events)}, ${summary.lost} lost.`;
  const said = new Set<string>();
  return [head, ...groups.map((group) => groupText(group, sources, said)), ...summary.messages.map((message) => `The tracer said: ${plain(message)}`)].join("\n\n");
}

/** @param said places whose lines stand above already */
function groupText(group: TraceGroup, sources: EvidenceReport["sources"], said: Set<string>): string {
  const { count, explanation, event, stack } = group;
  const { cause, evidence, alternatives, citation } = explanation;
  const body = bodyOf(group);
  const news = placesOf(stack).filter((place, at, all) => !said.has(placeKey(place)) && all.findIndex((other) => placeKey(other) === placeKey(place)) === at);
  for (const place of news) said.add(placeKey(place));
  return [
    `### ${count}× ${plain(cause.title)}`,
    `${code(cause.id)}, ${cause.confidence === "low" ? "uncertain" : cause.confidence}. ${plain(cause.detail)}`,
    [...(event.type === "reset" ? [`reset: ${endsText(event)}`] : []), ...eventFacts(event).map(({ label, text }) => `${label}: ${text}`), ...evidence, ...(alternatives.length === 0 ? [] : [`It could also be: ${alternatives.join(", ")}.`]), ...(citation === undefined ? [] : [`In the kernel: ${citation}.`])].map((fact) => `- ${plain(fact)}`).join("\n"),
    ...(body.length === 0 ? [] : [fenced(body)]),
    ...news.flatMap((place) => {
      const excerpt = sources[placeKey(place)];
      return excerpt ? [`${plain(placeKey(place))}:\n\n${fenced(excerptLines(excerpt))}`] : [];
    }),
  ].join("\n\n");
}

/** What stood on the way: frames of the stack, or of a call graph the calls with their times. */
function bodyOf({ event, stack }: TraceGroup): readonly string[] {
  if (event.type === "callgraph") return graphTree(event.totals, stack);
  return stack.flatMap((frame) => [frame.input, ...frame.frames.map(({ function: name, source, inlined }) => `    ${name}${inlined ? " (inlined)" : ""}${source ? ` at ${source.file}:${source.line}` : ""}`)]);
}

function excerptLines({ line, firstLine, lines }: SourceExcerpt): readonly string[] {
  const width = String(firstLine + lines.length).length;
  return lines.map((text, at) => `${firstLine + at === line ? ">" : " "} ${String(firstLine + at).padStart(width)}  ${text}`);
}

function listenerTable(listeners: EvidenceReport["listeners"]): string {
  if (listeners.length === 0) return "None were seen.";
  const rows = listeners.map(({ netns, protocol, local, acceptQueue, synQueue, drops, processes, verdict }) => [
    netns.name, protocol, endpointText(local), `${acceptQueue.length ?? "?"}/${acceptQueue.limit ?? "?"}`, `${synQueue.length ?? "?"}/${synQueue.limit ?? "?"}`, String(drops ?? "?"),
    [...new Set(processes.map(({ name, pid }) => `${name}[${pid}]`))].join(" "), verdict.text,
  ]);
  const head = ["Namespace", "Protocol", "Local", "Accept queue", "SYN queue", "Drops", "Process", "Verdict"];
  return [head, head.map(() => "---"), ...rows].map((cells, at) => `| ${cells.map((cell) => (at === 1 ? cell : plain(cell))).join(" | ")} |`).join("\n");
}

/** Text of a host in Markdown: its signs mean nothing. */
const plain = (text: string): string => text.replace(/[\\`*<>|]|\](?=[(:[])|^#|(?<!\w)_|_(?!\w)/g, (sign) => `\\${sign}`).replace(/\s*\n\s*/g, " ");

const code = (text: string): string => (text.includes("`") ? plain(text) : `\`${text}\``);

/** A fence longer than any in the text. */
function fenced(lines: readonly string[]): string {
  const longest = lines.reduce((most, line) => Math.max(most, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${lines.join("\n")}\n${fence}`;
}
