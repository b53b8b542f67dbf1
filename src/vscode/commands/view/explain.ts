import { window } from "vscode";
import type { Services } from "../../services";
import { groupByKey } from "../../traces/traceRegistry";
import { explainFinding, explainGroup, explainListener } from "../../views/explanations";
import type { RowSubject } from "../../views/row";
import { rowSubject } from "../../views/rowSubject";
import { endpointText } from "../../../collectors/endpointText";

/** Says in words what a listener's numbers, a group's cause or a finding mean. */
export async function explain(services: Services, argument?: unknown): Promise<void> {
  const subject = rowSubject(argument) ?? Object.values(services.views).flatMap((view) => view.selection).find((row) => row.subject)?.subject;
  const page = subject && pageOf(services, subject);
  if (page) await services.explanations.show(page.title, page.markdown);
  else void window.showInformationMessage("Select a listener, a group of a trace or a finding first.");
}

function pageOf(services: Services, subject: RowSubject): { title: string; markdown: string } | undefined {
  switch (subject.kind) {
    case "listener": {
      const baseline = services.listeners.list().find(({ name }) => name === subject.host)?.baseline;
      return { title: `Listener ${endpointText(subject.listener.local)}`, markdown: explainListener(subject.listener, baseline?.since(subject.listener)) };
    }
    case "group": {
      const entry = services.traces.get(subject.trace);
      const group = entry && groupByKey(entry, subject.group);
      return group && { title: group.explanation.cause.title, markdown: explainGroup(group) };
    }
    case "finding": return { title: subject.finding.title, markdown: explainFinding(subject.finding) };
    case "host": case "trace": case "source": case "remedy": return undefined;
  }
}
