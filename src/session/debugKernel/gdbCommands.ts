import { DomainError } from "../../base/errors";
import type { DebugPlan } from "./debugPlan";

/** Before the connection: how things are shown, and where the source is. */
export function setupCommands({ architecture, sourceFolder, buildFolder }: DebugPlan): readonly string[] {
  return [
    "set pagination off",
    ...(architecture === undefined ? [] : [`set architecture ${architecture}`]),
    // Names such as net/ipv4/tcp.c and ./include/net/tcp.h are looked for below this folder; others begin with that of the build.
    ...(sourceFolder === undefined ? [] : [`directory ${quoted(sourceFolder)}`]),
    ...(sourceFolder === undefined || buildFolder === undefined ? [] : [`set substitute-path ${quoted(withoutSlash(buildFolder))} ${quoted(sourceFolder)}`]),
  ];
}

/** After it: a breakpoint in a register of the processor. One in the code would be written where the kernel's text may not be mapped yet, or is read-only. */
export const breakCommands = (plan: DebugPlan): readonly string[] => [`hbreak ${plan.function}`];

/** A file for `gdb -x`: connects, and runs until the function is called. */
export function gdbCommandFile(plan: DebugPlan): string {
  return [
    `# Linux ${oneLine(plan.release)} in QEMU: ${oneLine(plan.name)}`,
    "# Use: gdb -x THIS_FILE. When gdb is left, the kernel runs on.",
    `file ${quoted(plan.vmlinux)}`,
    ...setupCommands(plan),
    "set tcp connect-timeout 10",
    `target remote ${plan.address}`,
    ...breakCommands(plan),
    "continue",
    "",
  ].join("\n");
}

/** As gdb splits words (libiberty, buildargv): a backslash keeps the next character, quotes hold words together. */
function quoted(path: string): string {
  if (/[\n\r]/.test(path)) throw new DomainError("debug/bad-path", "gdb cannot take a path with a line break", path);
  return /^[\w./+:,=@~-]+$/.test(path) ? path : `"${path.replace(/["\\]/g, "\\$&")}"`;
}

const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, "") : path);

const oneLine = (text: string): string => text.replace(/\s+/g, " ");
