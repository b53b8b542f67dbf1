import { window } from "vscode";
import { explainStack as explain } from "../../../knowledge/explainStack";
import type { StackArgument } from "../../../protocol/kernelStacks";
import { stackFrame } from "../../../session/stackFrame";
import { withProgress } from "../../async/withProgress";
import { explainChain } from "../../kernelStacks/explainChain";
import type { Services } from "../../services";
import { hostOfStack } from "./openFrame";

/** Says in words what a stack of a text means, as far as the causes that are known go. */
export async function explainStack(services: Services, argument?: unknown): Promise<void> {
  const given = argument as StackArgument | undefined;
  if (!given) return void window.showInformationMessage("Choose “Explain this stack” on a frame of a kernel stack.");
  const name = await hostOfStack(services, given, "Explain Kernel Stack");
  const host = name === undefined ? undefined : services.hosts.host(name);
  if (!host) return;
  const resolved = await withProgress("Resolving the stack", (signal) => host.resolve(given.stack.frames.map(stackFrame), signal));
  const page = explainChain(resolved, explain(resolved));
  await services.explanations.show(page.title, page.markdown);
}
