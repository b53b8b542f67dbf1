import { extensions, window } from "vscode";
import { type DebugPlan, isFunctionName, parseStubAddress } from "../../../session/debugKernel/debugPlan";
import { gdbCommandFile } from "../../../session/debugKernel/gdbCommands";
import { type DebuggerType, launchConfiguration } from "../../../session/debugKernel/launchConfiguration";
import { planDebugging } from "../../../session/debugKernel/planDebugging";
import { withProgress } from "../../async/withProgress";
import { writeLaunchFile } from "../../debugKernel/writeLaunchFile";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { saveText } from "../../webviewHost/flameGraphs";

const title = "Debug Kernel in QEMU";

/** Writes what a debugger needs to stop in a host's kernel: an entry of launch.json, or a file for gdb. */
export async function debugKernel(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, title);
  if (!chosen) return;
  const name = await askFunction();
  const address = name === undefined ? undefined : await askAddress();
  const debuggerType = address === undefined ? undefined : await askDebugger();
  if (name === undefined || address === undefined || debuggerType === undefined) return;
  const { plan, stop, notes } = await withProgress("Looking for vmlinux and the source; a tarball is unpacked once", (signal) => planDebugging(chosen.host, { address, function: name }, signal));
  if (!(await give(plan, debuggerType))) return;
  for (const note of notes) void window.showWarningMessage(note);
  if (stop !== undefined) window.setStatusBarMessage(`Will stop at ${stop}`, 5000);
}

/** @returns whether it was written */
async function give(plan: DebugPlan, debuggerType: DebuggerType | "file"): Promise<boolean> {
  if (debuggerType === "file") return saveText(`${plan.function}.gdb`, title, gdbCommandFile(plan));
  return writeLaunchFile(launchConfiguration(plan, debuggerType));
}

async function askFunction(): Promise<string | undefined> {
  const text = await window.showInputBox({
    title, prompt: "The kernel function to stop in first, by a hardware breakpoint", value: "tcp_v4_send_reset",
    validateInput: (value) => (isFunctionName(value.trim()) ? undefined : "A name such as tcp_v4_rcv"),
  });
  return text?.trim();
}

async function askAddress(): Promise<string | undefined> {
  const text = await window.showInputBox({
    title, prompt: "QEMU's gdb stub: what stands behind -gdb tcp: (1234 with -s)", value: "127.0.0.1:1234",
    validateInput: (value) => (parseStubAddress(value) === undefined ? "HOST:PORT, such as 127.0.0.1:1234" : undefined),
  });
  return text === undefined ? undefined : parseStubAddress(text);
}

async function askDebugger(): Promise<DebuggerType | "file" | undefined> {
  const installed = (id: string): string => (extensions.getExtension(id) ? "installed" : "not installed");
  const items = [
    { label: "C/C++", description: installed("ms-vscode.cpptools"), detail: "an entry of .vscode/launch.json, type cppdbg", type: "cppdbg" },
    { label: "Native Debug", description: installed("webfreak.debug"), detail: "an entry of .vscode/launch.json, type gdb", type: "gdb" },
    { label: "gdb", description: "no extension needed", detail: "a file of commands, for gdb -x", type: "file" },
  ] as const;
  return (await window.showQuickPick(items, { title, placeHolder: "Debugger" }))?.type;
}
