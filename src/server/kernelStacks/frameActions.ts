import { type CodeAction, CodeActionKind } from "vscode-languageserver";
import type { PlacedFrame, PlacedStack } from "./placedStack";
import { stackArgument } from "./wireStack";

/** What can be done with a frame, and with the stack and document it stands in. */
export function frameActions(stack: PlacedStack, frame: PlacedFrame, uri: string): readonly CodeAction[] {
  const argument = stackArgument(stack, frame);
  const action = (title: string, command: string, ...args: readonly unknown[]): CodeAction => ({ title, kind: CodeActionKind.Empty, command: { title, command: `knetscope.${command}`, arguments: [...args] } });
  const { symbol, offset } = frame.frame;
  return [
    ...(symbol === undefined ? [] : [action(`Trace this function (${symbol})`, "traceFunction", argument)]),
    ...(symbol === undefined || offset === undefined ? [] : [action(`Probe this line (${symbol}+0x${offset.toString(16)})`, "probeLine", argument)]),
    action("Explain this stack", "explainStack", argument),
    action("Resolve all stacks of this document", "resolveAll", uri),
  ];
}
