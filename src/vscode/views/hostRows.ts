import { describeError, DomainError } from "../../base/errors";
import type { Capability, Remedy } from "../../collectors/capability";
import { adviceFor } from "../../session/advice";
import type { DebuginfoState } from "../../session/host";
import { localName, type HostCheck, type HostEntry, type HostState } from "../hosts/hostRegistry";
import { escapeMarkdown, inlineCode } from "./markdown";
import { icons, type Row, type RowIcon } from "./row";

export const hostRows = (entries: readonly HostEntry[], active: string | undefined): readonly Row[] =>
  entries.map((entry) => hostRow(entry, entry.name === active));

function hostRow(entry: HostEntry, isActive: boolean): Row {
  const { name, state, check } = entry;
  const description = hostDescription(entry);
  const local = name === localName ? ".local" : "";
  return {
    id: `host:${name}`,
    label: name,
    description,
    icon: stateIcon(state),
    tooltip: hostTooltip(entry, isActive),
    spoken: `${name}, ${description}`,
    context: `host.${state.kind === "failed" ? "disconnected" : state.kind}${local}`,
    subject: { kind: "host", host: name },
    ...(state.kind === "connected" ? { children: connectedRows(name, state, check), expanded: true } : {}),
    ...(state.kind === "failed" ? { children: failureRows(name, state.error), expanded: true } : {}),
  };
}

function hostDescription({ name, state, check }: HostEntry): string {
  switch (state.kind) {
    case "disconnected": return name === localName ? "this machine" : "not connected";
    case "connecting": return `${state.step}…`;
    case "failed": return state.lost ? "connection lost" : "could not connect";
    case "connected": return [state.facts.release, ...(check.debuginfo ? [`debuginfo ${debuginfoWord[check.debuginfo.state]}`] : [])].join(" · ");
  }
}

const debuginfoWord: Record<DebuginfoState["state"], string> = { exact: "exact", "not-found": "not found", mismatch: "of another build" };

function stateIcon(state: HostState): RowIcon {
  switch (state.kind) {
    case "disconnected": return { id: "vm-outline" };
    case "connecting": return { id: "loading~spin" };
    case "failed": return icons.error;
    case "connected": return { id: "vm-active", color: "testing.iconPassed" };
  }
}

function hostTooltip({ name, state }: HostEntry, isActive: boolean): string {
  const head = `**${escapeMarkdown(name)}**${isActive ? " (active: commands mean this host unless you name another)" : ""}`;
  if (state.kind === "failed") return `${head}\n\n${escapeMarkdown(describeError(state.error))}`;
  if (state.kind !== "connected") return head;
  const { facts } = state;
  const rows = [
    ["kernel", facts.release], ["version", facts.version], ["machine", facts.machine], ["system", facts.os.name],
    ["build id", facts.buildId ?? "not readable"], ["user", `${facts.user} (uid ${facts.uid})`],
  ] as const;
  return `${head}\n\n${rows.map(([key, value]) => `- ${key}: ${inlineCode(value)}`).join("\n")}`;
}

function failureRows(name: string, error: unknown): Row[] {
  const advice = adviceFor(error);
  return [
    messageRow(`error:${name}`, error instanceof DomainError && error.where === name ? error.message : describeError(error), icons.error),
    ...(advice === undefined ? [] : [messageRow(`advice:${name}`, advice, { id: "lightbulb" })]),
  ];
}

const messageRow = (id: string, text: string, icon: RowIcon): Row => ({ id, label: text, icon, tooltip: escapeMarkdown(text) });

/** Capabilities that have a row of their own above the others. */
const shownApart = new Set(["kernel", "debuginfo"]);

function connectedRows(name: string, state: HostState & { kind: "connected" }, check: HostCheck): Row[] {
  const { facts } = state;
  return [
    { id: `kernel:${name}`, label: "kernel", description: `${facts.release} ${facts.machine} · ${facts.os.name}`, icon: { id: "chip" } },
    ...(check.running ? [{ id: `checking:${name}`, label: "checking what can be done here…", icon: { id: "loading~spin" } }] : []),
    ...(check.debuginfo ? [debuginfoRow(name, check.debuginfo)] : []),
    ...(check.capabilities ?? []).filter(({ id }) => !shownApart.has(id)).map((capability) => capabilityRow(name, capability)),
    ...(check.error === undefined ? [] : [messageRow(`check-error:${name}`, describeError(check.error), icons.error)]),
  ];
}

function debuginfoRow(name: string, info: DebuginfoState): Row {
  const id = `debuginfo:${name}`;
  const facts = [info.message, ...(info.buildId ? [`build id ${info.buildId}`] : []), ...(info.origin ? [`from ${info.origin}`] : [])];
  return {
    id,
    label: "debuginfo",
    description: info.state === "exact" ? `exact · ${info.origin ?? ""}` : `${debuginfoWord[info.state]}: ${info.message}`,
    icon: info.state === "exact" ? icons.ok : icons.warning,
    tooltip: facts.map(escapeMarkdown).join("\n\n"),
    ...remedyParts(id, name, info.remedy),
  };
}

function capabilityRow(name: string, capability: Capability): Row {
  const id = `capability:${name}/${capability.id}`;
  return {
    id,
    label: capability.title,
    ...(capability.reason === undefined ? {} : { description: capability.reason }),
    icon: capability.ok ? icons.ok : icons.warning,
    tooltip: `**${escapeMarkdown(capability.title)}**${capability.reason === undefined ? "" : `\n\n${escapeMarkdown(capability.reason)}`}`,
    spoken: `${capability.title}: ${capability.ok ? "available" : "not available"}. ${capability.reason ?? ""}`,
    ...remedyParts(id, name, capability.remedy),
  };
}

/** The remedy as a child row, and as the subject of both, so that “Apply Remedy” is offered on either. */
export function remedyParts(id: string, host: string, remedy: Remedy | undefined): Partial<Row> {
  if (!remedy) return {};
  const subject = { kind: "remedy", host, remedy } as const;
  const context = remedy.argv ? "remedy.runnable" : remedy.command === undefined ? "remedy" : "remedy.command";
  return { subject, context, children: [remedyRow(`${id}/remedy`, remedy, subject, context)] };
}

const remedyRow = (id: string, remedy: Remedy, subject: NonNullable<Row["subject"]>, context: string): Row => ({
  id,
  label: remedy.title,
  ...(remedy.command === undefined ? {} : { description: remedy.command }),
  icon: { id: "lightbulb" },
  tooltip: [
    `**${escapeMarkdown(remedy.title)}**`,
    ...(remedy.command === undefined ? [] : [inlineCode(remedy.command)]),
    ...(remedy.price === undefined ? [] : [escapeMarkdown(remedy.price)]),
    ...(remedy.changesHost ? ["This changes the host; you are asked first."] : []),
  ].join("\n\n"),
  subject,
  context,
});
