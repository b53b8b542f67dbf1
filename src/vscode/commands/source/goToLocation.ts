import { window } from "vscode";
import { DomainError } from "../../../base/errors";
import { parseFrame } from "../../../stacks/parseFrame";
import type { StackFrame } from "../../../stacks/stack";
import type { SourceFrame } from "../../../symbolize/resolvedFrame";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { openPlace } from "./openSourceAt";

/** Goes to the line of `symbol+offset` or of an address, in the source of the running build. */
export async function goToLocation(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Go to Kernel Location");
  if (!chosen) return;
  const text = await window.showInputBox({
    title: `Go to Kernel Location on ${chosen.name}`,
    prompt: "symbol+offset, with /size and [module] if you have them, or an address",
    placeHolder: "tcp_v4_rcv+0x99b/0xee0",
    validateInput: (value) => (value.trim() === "" || parseFrame(value) ? undefined : "Expected symbol+0xOFFSET[/0xSIZE] [module], or an address."),
  });
  const frame = text === undefined ? undefined : parseFrame(text);
  if (frame) await openFrame(services, chosen.name, frame);
}

/** Resolves one frame and opens its line; asks when inlining or a name that stands twice leaves a choice. */
export async function openFrame(services: Services, name: string, frame: StackFrame): Promise<void> {
  const chosen = await chooseHost(services, name, "Go to Kernel Location");
  if (!chosen) return;
  const [resolved] = await withProgress("Looking up the line", (signal) => chosen.host.resolve([frame], signal));
  if (!resolved) return;
  const parts = [...resolved.frames, ...(resolved.frames.length > 0 ? [] : (resolved.matches ?? []).flatMap((match) => match.frames))];
  const place = (await pickPart(resolved.input, parts.filter((part) => part.source)))?.source;
  if (place) await openPlace(services, chosen.name, place);
  else if (parts.length === 0) throw new DomainError(`debuginfo/${resolved.status}`, resolved.message ?? `no source line is known (${resolved.status})`, resolved.input);
}

async function pickPart(title: string, parts: readonly SourceFrame[]): Promise<SourceFrame | undefined> {
  if (parts.length <= 1) return parts[0];
  const items = parts.map((part) => ({
    label: part.function,
    description: part.source ? `${part.source.file}:${part.source.line}` : "",
    detail: part.inlined ? "inlined" : "the function itself",
    part,
  }));
  return (await window.showQuickPick(items, { title, placeHolder: "Innermost first", matchOnDescription: true }))?.part;
}
