import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { addLaunchConfiguration } from "../../session/debugKernel/addLaunchConfiguration";
import { type DebugPlan, isFunctionName, parseStubAddress } from "../../session/debugKernel/debugPlan";
import { gdbCommandFile } from "../../session/debugKernel/gdbCommands";
import { launchConfiguration } from "../../session/debugKernel/launchConfiguration";
import { planDebugging } from "../../session/debugKernel/planDebugging";
import type { Output } from "../output";
import { addDebuginfoOptions, addHostOptions, withHost, type HostFlags } from "../withHost";

type Format = "gdb" | "vscode" | "native-debug";

interface DebugConfigFlags extends HostFlags {
  readonly target: string;
  readonly function: string;
  readonly format: Format;
  readonly write?: string;
}

export function debugConfigCommand(): Command {
  const command = new Command("debug-config")
    .description("what gdb or VS Code needs to debug the host's kernel, when it runs in QEMU with -gdb tcp:127.0.0.1:PORT")
    .option("--target <host:port>", "QEMU's gdb stub", parseTarget, "127.0.0.1:1234")
    .option("--function <name>", "where to stop first", parseFunction, "tcp_v4_send_reset")
    .addOption(new Option("--format <format>", "commands for gdb -x; an entry of launch.json for C/C++; one for Native Debug").choices(["gdb", "vscode", "native-debug"]).default("gdb"))
    .option("--write <file>", "write it there instead of printing it; a launch.json that exists keeps its other entries and comments");
  return addDebuginfoOptions(addHostOptions(command)).action(async (flags: DebugConfigFlags) => {
    await withHost(flags, async (host, output, signal) => {
      output.progress("Looking for vmlinux and the source; a tarball is unpacked once");
      const { plan, stop, notes } = await planDebugging(host, { address: flags.target, function: flags.function }, signal);
      await give(flags, plan, output);
      output.note(`Stops in ${plan.function}${stop === undefined ? "" : ` (${stop})`} of ${plan.release}, ${plan.vmlinux}${plan.sourceFolder === undefined ? "" : `, source in ${plan.sourceFolder}`}.`);
      for (const note of notes) output.note(note);
    });
  });
}

async function give({ format, write, json }: DebugConfigFlags, plan: DebugPlan, output: Output): Promise<void> {
  const configuration = format === "gdb" ? undefined : launchConfiguration(plan, format === "vscode" ? "cppdbg" : "gdb");
  if (write !== undefined) {
    await mkdir(dirname(write), { recursive: true });
    await writeFile(write, configuration ? addLaunchConfiguration(await textOf(write), configuration, write) : gdbCommandFile(plan));
    output.note(`Written to ${write}.`);
  } else if (json) output.object(configuration ?? { plan, commands: gdbCommandFile(plan) });
  else output.line(configuration ? JSON.stringify(configuration, null, 2) : gdbCommandFile(plan).trimEnd());
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parseTarget(text: string): string {
  const address = parseStubAddress(text);
  if (address === undefined) throw new InvalidArgumentError("It is HOST:PORT, such as 127.0.0.1:1234.");
  return address;
}

function parseFunction(text: string): string {
  if (!isFunctionName(text)) throw new InvalidArgumentError("It is the name of a kernel function.");
  return text;
}
