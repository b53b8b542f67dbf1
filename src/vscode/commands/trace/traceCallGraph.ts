import { window } from "vscode";
import { describeError } from "../../../base/errors";
import { parseGraphLimits } from "../../../collectors/traces/callgraph/graphLimits";
import { defaultDepth } from "../../../collectors/traces/callgraph/graphModel";
import type { Services } from "../../services";
import { startTrace } from "../../traces/startTrace";

const title = "Trace Call Graph";

/** Draws what the calls of a function call, with durations; the function and what narrows it down are asked for. */
export const traceCallGraph = (services: Services, argument?: unknown): Promise<void> =>
  startTrace(services, title, argument, async () => {
    const name = await window.showInputBox({
      title, prompt: "A function of the kernel", placeHolder: "tcp_sendmsg",
      validateInput: (text) => (/^[\w.]+$/.test(text.trim()) ? undefined : "A name such as tcp_v4_rcv"),
    });
    if (name === undefined) return undefined;
    const limits = await window.showInputBox({
      title, value: `depth=${defaultDepth}`, placeHolder: "depth=6 comm=nginx pid=812 cpu=1 slower=100us without=kfree,schedule",
      prompt: "How deep, and only which calls. Also: comm=nginx pid=812 cpu=1 slower=100us without=kfree,schedule", validateInput: complaint,
    });
    return limits === undefined ? undefined : { kind: "callgraph", name: name.trim(), ...parseGraphLimits(limits) };
  });

function complaint(text: string): string | undefined {
  try {
    parseGraphLimits(text);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
