import { Uri, window, workspace } from "vscode";
import { DomainError } from "../../../base/errors";
import { parseStacks } from "../../../stacks/parseStacks";
import type { Services } from "../../services";
import { showResolved } from "./resolveStack";

/** Rewrites all stacks of a document, given by its address or the one in front, into a document of resolved ones. */
export async function resolveAll(services: Services, argument?: unknown): Promise<void> {
  const document = typeof argument === "string" ? await workspace.openTextDocument(Uri.parse(argument)) : window.activeTextEditor?.document;
  const found = parseStacks(document?.getText() ?? "");
  if (found.stacks.length === 0) throw new DomainError("stacks/none", "this document holds no kernel stack");
  await showResolved(services, undefined, "Resolve All Kernel Stacks", found);
}
