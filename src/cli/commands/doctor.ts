import { Command } from "commander";
import { debuginfoLines } from "../../session/debuginfoLines";
import { paint } from "../output";
import { addDebuginfoOptions, addHostOptions, withHost, type HostFlags } from "../withHost";

export function doctorCommand(): Command {
  const command = new Command("doctor").description("what can be done on a host and, where not, why and what to do");
  command.option("--verbose", "say on stderr where debuginfo was looked for, and what that cost", false);
  return addDebuginfoOptions(addHostOptions(command)).action(async (flags: HostFlags & { readonly verbose: boolean }) => {
    await withHost(flags, async (host, output, signal) => {
      for (const { id, title, ok, reason, remedy } of await host.capabilities(signal)) {
        if (output.json) {
          output.object({ id, ok, reason: reason ?? null, remedy: remedy === undefined ? null : (remedy.command ?? remedy.title) });
          continue;
        }
        output.line(`${ok ? paint(output, "green", "ok ") : paint(output, "red", "no ")} ${title}${reason === undefined ? "" : `: ${reason}`}`);
        if (flags.verbose && id === "debuginfo") for (const line of (await host.debuginfoUses()).flatMap(debuginfoLines)) output.note(line);
        if (remedy) output.line(`      ${remedy.title}${remedy.command === undefined ? "" : `: ${remedy.command}`}`);
      }
    });
  });
}
