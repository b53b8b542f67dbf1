import { Uri, window, workspace } from "vscode";
import { DomainError } from "../../../base/errors";
import { parseStacks } from "../../../stacks/parseStacks";
import { chooseHost } from "../../hosts/chooseHost";
import { chooseHostOf } from "../../kernelStacks/answerStacks";
import type { Services } from "../../services";
import { showResolved } from "./resolveStack";

/** Rewrites all stacks of a document, given by its address or the one in front, into a document of resolved ones. */
export async function resolveAll(services: Services, argument?: unknown): Promise<void> {
  const document = typeof argument === "string" ? await workspace.openTextDocument(Uri.parse(argument)) : window.activeTextEditor?.document;
  const found = parseStacks(document?.getText() ?? "");
  const [first] = found.stacks;
  if (!first) throw new DomainError("stacks/none", "this document holds no kernel stack");
  const own = found.stacks.map((stack) => chooseHostOf(services.hosts, stack)).find((choice) => "host" in choice);
  const chosen = await chooseHost(services, own && "host" in own ? own.host.name : undefined, "Resolve All Kernel Stacks");
  if (chosen) await showResolved(services, chosen, found);
}
