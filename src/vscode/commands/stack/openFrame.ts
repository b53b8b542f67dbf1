import { window } from "vscode";
import type { StackArgument } from "../../../protocol/kernelStacks";
import { stackFrame } from "../../../session/stackFrame";
import { chooseHost } from "../../hosts/chooseHost";
import { chooseHostOf } from "../../kernelStacks/answerStacks";
import type { Services } from "../../services";
import { openPlace } from "../source/openSourceAt";
import { openFrame as openFrameOn } from "../source/goToLocation";
import { DomainError } from "../../../base/errors";

/** Opens the source of a frame that stands in a text, on the host whose kernel it is of. */
export async function openFrame(services: Services, argument?: unknown): Promise<void> {
  const chosen = argument as StackArgument | undefined;
  const frame = chosen?.stack.frames[chosen.at];
  if (!chosen || !frame) return void window.showInformationMessage("Click a frame of a kernel stack.");
  const host = await hostOfStack(services, chosen, "Open Kernel Frame");
  if (host === undefined) return;
  if (frame.source && frame.offset === undefined) await openPlace(services, host, frame.source);
  else await openFrameOn(services, host, stackFrame(frame));
}

/** @throws DomainError `stacks/other-kernel` when every connected host runs another kernel than the text names */
export async function hostOfStack(services: Services, { stack }: StackArgument, title: string): Promise<string | undefined> {
  const choice = chooseHostOf(services.hosts, stack);
  if ("host" in choice) return choice.host.name;
  if (choice.kind === "other-kernel") throw new DomainError("stacks/other-kernel", choice.message);
  const connected = await chooseHost(services, undefined, title);
  if (!connected) return undefined;
  const again = chooseHostOf(services.hosts, stack);
  if ("host" in again) return again.host.name;
  throw new DomainError("stacks/other-kernel", again.message);
}
