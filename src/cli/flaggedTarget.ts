import { connectTarget } from "../session/connectTarget";
import type { HostOptions } from "../session/host";
import type { Target } from "../target/target";
import type { Output } from "./output";
import { ask, terminalPrompts } from "./terminalPrompts";
import type { HostFlags } from "./withHost";

/** The target that the flags of a command line name, connected. */
export function connectFlagged(flags: HostFlags, output: Output, signal: AbortSignal): Promise<Target> {
  return connectTarget(flags.host, {
    prompts: terminalPrompts(),
    signal,
    progress: (text) => output.progress(text),
    ...(flags.sshConfig === undefined ? {} : { sshConfigFile: flags.sshConfig }),
  });
}

/** Asks on the terminal, unless --yes has answered. */
export function consentFlagged(flags: HostFlags, output: Output): NonNullable<HostOptions["consent"]> {
  return async ({ title, detail }) => {
    output.note(`${title}\n${detail}`);
    const answer = flags.yes ? "yes" : await ask("Go on? [y/N] ", true);
    if (answer === undefined) output.note("--yes agrees to it.");
    return /^y(es)?$/i.test(answer?.trim() ?? "");
  };
}
