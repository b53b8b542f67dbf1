import { window, workspace } from "vscode";
import { probeFrame } from "../../session/probeFrame";
import { stackFrame } from "../../session/stackFrame";
import type { StackArgument } from "../../protocol/kernelStacks";
import { withProgress } from "../async/withProgress";
import { hostOfStack } from "../commands/stack/openFrame";
import type { Services } from "../services";

/** Writes a program for a frame and opens it, ready to be run. Says so when another frame had to be taken. */
export async function openProbe(services: Services, argument: StackArgument, what: "function" | "line", title: string): Promise<void> {
  const name = await hostOfStack(services, argument, title);
  const host = name === undefined ? undefined : services.hosts.host(name);
  if (!host) return;
  const { program, note } = await withProgress(`${title} on ${host.name}`, (signal) => probeFrame(host, argument.stack.frames.map(stackFrame), argument.at, what, signal));
  await window.showTextDocument(await workspace.openTextDocument({ language: "bpftrace", content: program }));
  if (note !== undefined) void window.showInformationMessage(note);
}
