import { Command } from "commander";
import { parseStacks } from "../../stacks/parseStacks";
import { formatFrame } from "../../stacks/parseFrame";
import { createOutput } from "../output";
import { readInput } from "../readInput";
import { fail } from "../withHost";

export function stacksCommand(): Command {
  return new Command("stacks")
    .description("every kernel stack in a text, unresolved")
    .argument("[file]", "default: stdin")
    .option("--json", "one JSON object a line on stdout", false)
    .action(async (file: string | undefined, flags: { json: boolean }) => {
      const output = createOutput(flags.json);
      try {
        const { stacks } = parseStacks(await readInput(file));
        for (const stack of stacks) {
          if (output.json) output.object(stack);
          else {
            output.line(`line ${stack.line}: ${stack.format}${stack.build === undefined ? "" : `, ${stack.build}`}`);
            for (const frame of stack.frames) output.line(`    ${frame.reliable ? "" : "? "}${formatFrame(frame)}`);
          }
        }
        if (stacks.length === 0) output.note("No kernel stack in this text.");
      } catch (error) {
        fail(output, error);
      }
    });
}
