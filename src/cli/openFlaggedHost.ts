import { connectTarget } from "../session/connectTarget";
import type { Host, HostOptions } from "../session/host";
import { openHost } from "../session/openHost";
import type { Output } from "./output";
import { terminalPrompts } from "./terminalPrompts";
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
    consent: ({ title, detail }) => {
      if (!flags.yes) output.note(`${title} ${detail} --yes agrees to it.`);
      return Promise.resolve(flags.yes);
    },
  };
}
