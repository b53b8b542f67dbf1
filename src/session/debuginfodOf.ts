import { DebuginfodClient, type Transfer } from "../debuginfod/debuginfodClient";
import { debuginfodSettings } from "../debuginfod/settings";
import { byteText } from "../symbolize/readCost";
import type { HostOptions } from "./host";

/** The client for the configured servers; undefined when there are none. */
export function debuginfodOf(options: HostOptions, signal: AbortSignal): DebuginfodClient | undefined {
  const settings = debuginfodSettings(options.debuginfodUrls);
  if (settings.servers.length === 0) return undefined;
  const { progress, download } = options;
  const running = new Map<string, Transfer>();
  const client = new DebuginfodClient(settings, {
    signal,
    ...(progress && {
      progress: (transfer) => {
        if (transfer.ended) running.delete(transfer.what);
        else running.set(transfer.what, transfer);
        progress([...running.values()].map(transferText).join("; "), () => client.cancel());
      },
    }),
    ...(download && {
      agree: (what, bytes, server) =>
        download({
          title: `Download ${bytes === undefined ? "debuginfo of unknown size" : byteText(bytes)} from ${server}?`,
          detail: `It is the ${what}. The server gives no smaller part of it. It is kept in ${settings.cacheFolder}.`,
        }),
    }),
  });
  return client;
}

function transferText({ what, server, received, total }: Transfer): string {
  const share = total === undefined ? byteText(received) : `${byteText(received)} of ${byteText(total)}`;
  return `Fetching ${what} from ${server}: ${share}`;
}
