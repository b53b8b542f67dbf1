import { env, window } from "vscode";
import { DomainError } from "../../../base/errors";
import { chooseKernel } from "../../../session/chooseKernel";
import type { Host } from "../../../session/host";
import { parseStacks, type ParsedStacks } from "../../../stacks/parseStacks";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { type ResolvedStack, stackText } from "../../stackDocuments/stackText";
import { count } from "../../views/words";

/** Finds every kernel stack in the selection, else in the clipboard, and shows them with their source lines. */
export async function resolveStack(services: Services, argument?: unknown): Promise<void> {
  const found = parseStacks(await inputText());
  if (found.stacks.length === 0) {
    throw new DomainError("stacks/none", "neither the selection nor the clipboard holds a kernel stack. Select the text of a trace, or copy it, and try again");
  }
  const chosen = await chooseHost(services, argument, "Resolve Kernel Stack");
  if (chosen) await showResolved(services, chosen, found);
}

/** Resolves stacks on a host and shows them as a document of their own. Those of a kernel that the host does not run are named, not resolved. */
export async function showResolved(services: Services, { name, host }: { readonly name: string; readonly host: Host }, { stacks, diagnostics }: ParsedStacks): Promise<void> {
  const { release, buildId } = await host.facts();
  const others = stacks.filter((stack) => !("host" in chooseKernel([{ name, facts: { release, ...(buildId !== undefined && { buildId }) } }], stack)));
  const own = stacks.filter((stack) => !others.includes(stack));
  const resolved = await withProgress(`Resolving ${count(own.length, "stack")}`, async (signal, report) => {
    const done: ResolvedStack[] = [];
    for (const stack of own) {
      signal.throwIfAborted();
      report(`${done.length + 1} of ${own.length}`);
      done.push({ stack, frames: await host.resolve(stack.frames, signal) });
    }
    return done;
  });
  const notes = [
    ...others.map((stack) => `line ${stack.line}: of kernel ${stack.build ?? stack.buildId ?? "?"}, not of ${release}`),
    ...diagnostics.map((item) => `line ${item.line}: ${item.message}: ${item.text}`),
  ];
  await services.stacks.show(name, stackText(`${count(own.length, "stack")}, resolved on ${name} (${release})`, resolved, notes));
}

async function inputText(): Promise<string> {
  const editor = window.activeTextEditor;
  const selected = editor?.selections.map((selection) => editor.document.getText(selection)).join("\n") ?? "";
  return selected.trim() === "" ? env.clipboard.readText() : selected;
}
