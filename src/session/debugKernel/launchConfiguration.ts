import type { DebugPlan } from "./debugPlan";
import { breakCommands, setupCommands } from "./gdbCommands";

/** The extensions that we write configurations for, by the type that they are known by in launch.json. */
export type DebuggerType = "cppdbg" | "gdb";

export interface LaunchConfiguration {
  readonly name: string;
  readonly type: DebuggerType;
  readonly [key: string]: unknown;
}

/** An entry of launch.json. */
export const launchConfiguration = (plan: DebugPlan, type: DebuggerType): LaunchConfiguration => (type === "cppdbg" ? cppdbg(plan) : nativeDebug(plan));

/** For C/C++ (ms-vscode.cpptools): its setup commands run before the connection, the others behind it; then the kernel goes on by itself. */
function cppdbg(plan: DebugPlan): LaunchConfiguration {
  return {
    name: plan.name,
    type: "cppdbg",
    request: "launch",
    MIMode: "gdb",
    miDebuggerServerAddress: plan.address,
    program: plan.vmlinux,
    cwd: plan.sourceFolder ?? "${workspaceFolder}",
    externalConsole: false,
    setupCommands: setupCommands(plan).map((text) => ({ text })),
    postRemoteConnectCommands: breakCommands(plan).map((text) => ({ text })),
    // For breakpoints that are set in the editor.
    hardwareBreakpoints: { require: true },
    ...(plan.sourceFolder === undefined || plan.buildFolder === undefined ? {} : { sourceFileMap: { [plan.buildFolder]: plan.sourceFolder } }),
  };
}

/** For Native Debug (webfreak.debug): its commands run behind the connection. */
function nativeDebug(plan: DebugPlan): LaunchConfiguration {
  return {
    name: plan.name,
    type: "gdb",
    request: "attach",
    remote: true,
    target: plan.address,
    executable: plan.vmlinux,
    cwd: plan.sourceFolder ?? "${workspaceRoot}",
    valuesFormatting: "parseText",
    autorun: [...setupCommands(plan), ...breakCommands(plan)],
  };
}
