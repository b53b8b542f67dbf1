import type { TraceOptions, TraceRequest } from "../../collectors/traces/traceRequest";
import { traceTitle } from "../../collectors/traces/traceWords";
import type { Host } from "../../session/host";
import { withProgress } from "../async/withProgress";
import { chooseHost } from "../hosts/chooseHost";
import type { Services } from "../services";
import { settings } from "../settings";
import { revealRow } from "../views/revealRow";
import { rowSubject } from "../views/rowSubject";

/**
 * Starts a trace on the host of a row, or on one that is asked for, and shows it; from a listener's row, of that listener's port.
 *
 * @param request what to trace; undefined when the user gave up
 */
export async function startTrace(services: Services, title: string, argument: unknown, request: (host: Host) => Promise<TraceRequest | undefined>): Promise<void> {
  const chosen = await chooseHost(services, argument, title);
  const wanted = chosen && (await request(chosen.host));
  if (!wanted) return;
  const [facts, trace] = await withProgress(`${title} on ${chosen.name}`, async (signal, report) => {
    report("attaching to the kernel…");
    return Promise.all([chosen.host.facts(), chosen.host.trace({ ...wanted, ...traceOptions(argument) }, signal)]);
  });
  const { id } = services.traces.add(chosen.name, facts, trace);
  services.log.info(`${chosen.name}: tracing ${traceTitle(wanted)}`);
  await revealRow(services, "traces", id);
}

function traceOptions(argument: unknown): TraceOptions {
  const subject = rowSubject(argument);
  const port = subject?.kind === "listener" ? subject.listener.local.port : undefined;
  const durationMs = settings.traceDurationMs();
  return { ...(durationMs === undefined ? {} : { durationMs }), ...(port === undefined ? {} : { port }) };
}
