import { DebuginfodClient, type Transfer } from "../debuginfod/debuginfodClient";
import { debuginfodSettings } from "../debuginfod/settings";
import { byteText } from "../symbolize/readCost";
import type { HostOptions } from "./host";

/** The client for the configured servers; undefined when there are none. */
export function debuginfodOf(options: HostOptions, signal: AbortSignal): DebuginfodClient | undefined {
  const settings = debuginfodSettings(options.debuginfodUrls);
  if (settings.servers.length === 0) return undefined;
  const { progress, download } = options;
  return new DebuginfodClient(settings, {
    signal,
    ...(progress && { progress: (transfer) => progress(transferText(transfer)) }),
    ...(download && {
      agree: (what, bytes, server) =>
        download({
          title: `Download ${bytes === undefined ? "debuginfo of unknown size" : byteText(bytes)} from ${server}?`,
          detail: `It is the ${what}. The server gives no smaller part of it. It is kept in ${settings.cacheFolder}.`,
        }),
    }),
  });
}

/** Empty when it is done. */
function transferText({ what, server, received, total }: Transfer): string {
  if (total !== undefined && received >= total) return "";
  const share = total === undefined ? byteText(received) : `${byteText(received)} of ${byteText(total)}`;
  return `Fetching ${what} from ${server}: ${share}`;
}
