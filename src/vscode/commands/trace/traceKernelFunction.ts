import { window } from "vscode";
import type { Services } from "../../services";
import { startTrace } from "../../traces/startTrace";

/** Starts a trace of the calls of a function, or of a tracepoint, that is asked for. */
export const traceKernelFunction = (services: Services, argument?: unknown): Promise<void> =>
  startTrace(services, "Trace Kernel Function", argument, async () => {
    const name = await window.showInputBox({
      title: "Trace Kernel Function", prompt: "A function of the kernel, or a tracepoint as system:event", placeHolder: "tcp_retransmit_skb",
      validateInput: (text) => (/^[\w.]+$|^[\w-]+:[\w-]+$/.test(text.trim()) ? undefined : "A name such as tcp_v4_connect, or tcp:tcp_probe"),
    });
    return name === undefined ? undefined : { kind: "function", name: name.trim() };
  });
