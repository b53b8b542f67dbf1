import { window } from "vscode";
import { describeError } from "../../../base/errors";
import { pathMatches } from "../../../collectors/traces/packetpath/pathCommand";
import { parsePathFilter } from "../../../collectors/traces/packetpath/pathFilter";
import type { Services } from "../../services";
import { chooseNamespace } from "../../traces/chooseNamespace";
import { startTrace } from "../../traces/startTrace";

const title = "Trace Packets Through the Firewall";
const example = "port=80 proto=tcp from=192.0.2.7 to=10.0.0.0/8";

/** Marks the packets that are asked for and shows which rules they meet, after the commands for it were shown and agreed to. */
export const tracePacketPath = (services: Services, argument?: unknown): Promise<void> =>
  startTrace(services, title, argument, async (host) => {
    const text = await window.showInputBox({ title, prompt: `Which packets, such as ${example}`, placeHolder: example, validateInput: complaint });
    if (text === undefined) return undefined;
    const netns = await chooseNamespace(host, title);
    return netns === undefined ? undefined : { kind: "packet", ...(netns === "own" ? {} : { netns }), ...parsePathFilter(text) };
  });

function complaint(text: string): string | undefined {
  try {
    pathMatches(parsePathFilter(text));
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
