import type { Host, HostOptions } from "../session/host";
import { openHost } from "../session/openHost";
import { connectFlagged, consentFlagged } from "./flaggedTarget";
import type { Output } from "./output";
import type { HostFlags } from "./withHost";

/** The host that the flags of a command line name, connected. */
export async function openFlaggedHost(flags: HostFlags, output: Output, signal: AbortSignal): Promise<Host> {
  return openHost(await connectFlagged(flags, output, signal), hostOptions(flags, output));
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
    consent: consentFlagged(flags, output),
  };
}
