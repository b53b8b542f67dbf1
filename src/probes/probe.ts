import type { Command, CommandResult } from "../target/command";
import type { Target } from "../target/target";

/** A question to a target: the command that asks it, and what its answer means. Pure; tests feed `parse` recorded answers. */
export interface Probe<T> {
  readonly command: Command;
  parse(result: CommandResult): T;
}

export async function runProbe<T>(target: Target, probe: Probe<T>, signal?: AbortSignal): Promise<T> {
  return probe.parse(await target.run(probe.command, signal));
}
