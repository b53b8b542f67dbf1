import type { ResetTraceOptions } from "../../../collectors/resetModel";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { settings } from "../../settings";
import { revealRow } from "../../views/revealRow";
import { rowSubject } from "../../views/rowSubject";

/** Starts a trace of the resets that a host sends; from a listener's row, of that listener's port. */
export async function traceResets(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Trace TCP Resets");
  if (!chosen) return;
  const options = traceOptions(argument);
  const [facts, trace] = await withProgress(`Trace TCP Resets on ${chosen.name}`, async (signal, report) => {
    report("attaching to the kernel…");
    return Promise.all([chosen.host.facts(), chosen.host.traceResets(options, signal)]);
  });
  const { id } = services.traces.add(chosen.name, facts, trace);
  services.log.info(`${chosen.name}: tracing resets`);
  await revealRow(services, "traces", id);
}

function traceOptions(argument: unknown): ResetTraceOptions {
  const subject = rowSubject(argument);
  const port = subject?.kind === "listener" ? subject.listener.local.port : undefined;
  const durationMs = settings.traceDurationMs();
  return { ...(durationMs === undefined ? {} : { durationMs }), ...(port === undefined ? {} : { port }) };
}
