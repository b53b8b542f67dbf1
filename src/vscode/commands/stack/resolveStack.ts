import { env, window } from "vscode";
import { DomainError } from "../../../base/errors";
import type { Host } from "../../../session/host";
import type { NamedVmlinux } from "../../../session/namedVmlinux";
import { otherKernel, resolveStack as resolveOne } from "../../../session/resolveStack";
import { parseStacks, type ParsedStacks } from "../../../stacks/parseStacks";
import type { Stack } from "../../../stacks/stack";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import { chooseHostOf } from "../../kernelStacks/answerStacks";
import type { Services } from "../../services";
import { type ResolvedStack, stackText } from "../../stackDocuments/stackText";
import { count } from "../../views/words";

/** Finds every kernel stack in the selection, else in the clipboard, and shows them with their source lines. */
export async function resolveStack(services: Services, argument?: unknown): Promise<void> {
  const found = parseStacks(await inputText());
  if (found.stacks.length === 0) {
    throw new DomainError("stacks/none", "neither the selection nor the clipboard holds a kernel stack. Select the text of a trace, or copy it, and try again");
  }
  await showResolved(services, argument, "Resolve Kernel Stack", found);
}

/** Resolves stacks and shows them as a document of their own. The host is the one that runs the kernel of the first of them that a connected host runs, else the user says. */
export async function showResolved(services: Services, argument: unknown, title: string, { stacks, diagnostics }: ParsedStacks): Promise<void> {
  const naming = stacks.filter(({ build, buildId }) => build !== undefined || buildId !== undefined);
  const running = naming.map((stack) => chooseHostOf(services.hosts, stack)).find((choice) => "host" in choice);
  const chosen = await chooseHost(services, argument ?? running?.host.name, title);
  if (!chosen) return;
  const { name, host } = chosen;
  const { release } = await host.facts();
  const resolved = await withProgress(`Resolving ${count(stacks.length, "stack")}`, async (signal, report) => {
    const done: ResolvedStack[] = [];
    for (const stack of stacks) {
      signal.throwIfAborted();
      report(`${done.length + 1} of ${stacks.length}`);
      done.push(await resolvedStack(host, stack, services.namedVmlinux(), signal));
    }
    return done;
  });
  const notes = diagnostics.map((item) => `line ${item.line}: ${item.message}: ${item.text}`);
  await services.stacks.show(name, stackText(`${count(stacks.length, "stack")}, resolved on ${name} (${release})`, resolved, notes));
}

async function resolvedStack(host: Host, stack: Stack, named: NamedVmlinux, signal: AbortSignal): Promise<ResolvedStack> {
  const other = await otherKernel(host, stack);
  if (other !== undefined && (await named.isOf(stack))) {
    return { stack, frames: await named.resolve(stack, signal), otherKernel: `${other} These lines are of ${named.path}, which the settings name: it is of that release, and the text tells no build id to compare.` };
  }
  const frames = await resolveOne(host, stack, signal);
  return { stack, frames, ...(other !== undefined && { otherKernel: `${other} These lines are of the build that the text names.` }) };
}

async function inputText(): Promise<string> {
  const editor = window.activeTextEditor;
  const selected = editor?.selections.map((selection) => editor.document.getText(selection)).join("\n") ?? "";
  return selected.trim() === "" ? env.clipboard.readText() : selected;
}
