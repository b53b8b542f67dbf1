import { Command } from "commander";
import { debuginfoLines } from "../../session/debuginfoLines";
import { citationOf } from "../../knowledge/findings/citations";
import type { Finding } from "../../collectors/capability";
import { lookTwice } from "../../session/gatherEvidence";
import { paint, type Output } from "../output";
import { addDebuginfoOptions, addHostOptions, parseDuration, withHost, type HostFlags } from "../withHost";

interface DoctorFlags extends HostFlags {
  readonly verbose: boolean;
  readonly interval: number;
}

export function doctorCommand(): Command {
  const command = new Command("doctor").description("what can be done on a host and, where not, why and what to do; then what is wrong in its network stack, with evidence")
    .option("--interval <time>", "between two looks at counters and queues: what does not rise meanwhile is no finding", parseDuration, 2000);
  command.option("--verbose", "say on stderr where debuginfo was looked for, and what that cost", false);
  return addDebuginfoOptions(addHostOptions(command)).action(async (flags: DoctorFlags) => {
    await withHost(flags, async (host, output, signal) => {
      // What is wrong now shows between two looks: that time passes while the host is checked.
      const looking = lookTwice(host, flags.interval, signal);
      looking.catch(() => undefined);
      output.progress("Checking the host");
      for (const { id, title, ok, reason, remedy } of await host.capabilities(signal)) {
        if (output.json) {
          output.object({ id, ok, reason: reason ?? null, remedy: remedy === undefined ? null : (remedy.command ?? remedy.title) });
          continue;
        }
        output.line(`${ok ? paint(output, "green", "ok ") : paint(output, "red", "no ")} ${title}${reason === undefined ? "" : `: ${reason}`}`);
        if (flags.verbose && id === "debuginfo") for (const line of (await host.debuginfoUses()).flatMap(debuginfoLines)) output.note(line);
        if (remedy) output.line(`      ${remedy.title}${remedy.command === undefined ? "" : `: ${remedy.command}`}`);
      }
      output.progress(`Looking for ${flags.interval / 1000} s`);
      const { findings } = await looking;
      output.progress("");
      printProblems(output, findings);
    });
  });
}

const colors = { error: "red", warning: "yellow", info: "blue" } as const;

/** With --json a finding is a line like that of a capability that is not there, and says what it is in `finding`. */
function printProblems(output: Output, findings: readonly Finding[]): void {
  if (!output.json) output.line(findings.length === 0 ? "\nNothing is wrong by what could be seen." : "");
  for (const finding of findings) {
    const { id, severity, title, detail, evidence, remedy } = finding;
    const citation = citationOf(finding);
    if (output.json) {
      output.object({ id, ok: false, reason: title, remedy: remedy === undefined ? null : (remedy.command ?? remedy.title), finding: { severity, title, detail, evidence, price: remedy?.price ?? null, citation: citation ?? null } });
      continue;
    }
    output.line(`${paint(output, colors[severity], severity)}: ${paint(output, "bold", title)}`);
    output.line(`      ${detail}`);
    for (const fact of evidence) output.line(`      - ${fact}`);
    if (remedy) output.line(`      ${remedy.title}${remedy.command === undefined ? "" : `: ${remedy.command}`}${remedy.price === undefined ? "" : ` (${remedy.price})`}`);
    if (citation !== undefined) output.line(`      ${paint(output, "dim", citation)}`);
  }
}
