import { env, window } from "vscode";
import { DomainError } from "../../../base/errors";
import { parseStacks } from "../../../stacks/parseStacks";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { type ResolvedStack, stackText } from "../../stackDocuments/stackText";
import { count } from "../../views/words";

/** Finds every kernel stack in the selection, else in the clipboard, and shows them with their source lines. */
export async function resolveStack(services: Services, argument?: unknown): Promise<void> {
  const text = await inputText();
  const { stacks, diagnostics } = parseStacks(text);
  if (stacks.length === 0) {
    throw new DomainError("stacks/none", "neither the selection nor the clipboard holds a kernel stack. Select the text of a trace, or copy it, and try again");
  }
  const chosen = await chooseHost(services, argument, "Resolve Kernel Stack");
  if (!chosen) return;
  const resolved = await withProgress(`Resolving ${count(stacks.length, "stack")}`, async (signal, report) => {
    const done: ResolvedStack[] = [];
    for (const stack of stacks) {
      signal.throwIfAborted();
      report(`${done.length + 1} of ${stacks.length}`);
      done.push({ stack, frames: await chosen.host.resolve(stack.frames, signal) });
    }
    return done;
  });
  const { release } = await chosen.host.facts();
  const title = `${count(stacks.length, "stack")}, resolved on ${chosen.name} (${release})`;
  await services.stacks.show(chosen.name, stackText(title, resolved, diagnostics.map((item) => `line ${item.line}: ${item.message}: ${item.text}`)));
}

async function inputText(): Promise<string> {
  const editor = window.activeTextEditor;
  const selected = editor?.selections.map((selection) => editor.document.getText(selection)).join("\n") ?? "";
  return selected.trim() === "" ? env.clipboard.readText() : selected;
}
