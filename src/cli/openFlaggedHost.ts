import { connectTarget } from "../session/connectTarget";
import type { Host, HostOptions } from "../session/host";
import { openHost } from "../session/openHost";
import type { Output } from "./output";
import { ask, terminalPrompts } from "./terminalPrompts";
import type { HostFlags } from "./withHost";

/** The host that the flags of a command line name, connected. */
export async function openFlaggedHost(flags: HostFlags, output: Output, signal: AbortSignal): Promise<Host> {
  const target = await connectTarget(flags.host, {
    prompts: terminalPrompts(),
    signal,
    progress: (text) => output.progress(text),
    ...(flags.sshConfig === undefined ? {} : { sshConfigFile: flags.sshConfig }),
  });
  return openHost(target, hostOptions(flags, output));
}

function hostOptions(flags: HostFlags, output: Output): HostOptions {
  return {
    ...(flags.vmlinux === undefined ? {} : { vmlinux: flags.vmlinux }),
    ...(flags.modules === undefined ? {} : { modules: flags.modules }),
    ...(flags.debuginfod === undefined ? {} : { debuginfodUrls: flags.debuginfod }),
    ...(flags.source === undefined ? {} : { sources: flags.source }),
    progress: (text) => output.progress(text),
    // Naming a server is agreeing to it; the size is said, and Ctrl-C ends it.
    download: ({ title }) => {
      output.note(title.replace(/\?$/, ""));
      return Promise.resolve(true);
    },
    consent: async ({ title, detail }) => {
      output.note(`${title}\n${detail}`);
      const answer = flags.yes ? "yes" : await ask("Go on? [y/N] ", true);
      if (answer === undefined) output.note("--yes agrees to it.");
      return /^y(es)?$/i.test(answer?.trim() ?? "");
    },
  };
}
