import { Command, Option } from "commander";
import { readStackFile } from "../../session/readStackFile";
import { stackFileFormats, writeStacks, type StackFileFormat } from "../../stacks/exchange/writeStacks";
import type { ParsedStacks } from "../../stacks/parseStacks";
import { formatFrame } from "../../stacks/parseFrame";
import { frameMarks, stackMarks } from "../../stacks/quality";
import type { Stack, StackFrame } from "../../stacks/stack";
import { createOutput, paint, type Output } from "../output";
import { readInput } from "../readInput";
import { fail } from "../withHost";

interface StacksFlags {
  readonly json: boolean;
  readonly format?: StackFileFormat;
}

const help = `
Read: bpftrace, BCC, perf script and report, ftrace (stacks, function, function_graph), trace-cmd, dmesg of x86, arm64, arm, riscv, loongarch, powerpc and s390,
/proc/PID/stack, crash, gdb, drgn, SystemTap, syzkaller, decode_stacktrace.sh, blazesym, retsnoop, dropwatch, pwru, folded stacks, speedscope files, our own JSON, saved traces;
with the prefixes of dmesg, journal and syslog, mail quotes, broken lines, newest first.`;

export function stacksCommand(): Command {
  return new Command("stacks")
    .description("every kernel stack in a text, unresolved; or written as another tool reads them")
    .argument("[file]", "default: stdin")
    .addOption(new Option("--format <format>", "write a file of this kind on stdout").choices(stackFileFormats))
    .option("--json", "one JSON object a line on stdout", false)
    .addHelpText("after", help)
    .action(async (file: string | undefined, flags: StacksFlags) => {
      const output = createOutput(flags.json);
      try {
        print(output, readStackFile(await readInput(file)), flags.format, file ?? "stdin");
      } catch (error) {
        fail(output, error);
      }
    });
}

function print(output: Output, { stacks, diagnostics }: ParsedStacks, format: StackFileFormat | undefined, name: string): void {
  if (format !== undefined) process.stdout.write(writeStacks(stacks, format, name));
  else if (output.json) for (const stack of stacks) output.object(stackJson(stack));
  else for (const line of stacks.flatMap((stack) => stackText(output, stack))) output.line(line);
  for (const { line, message, text } of diagnostics) output.note(`line ${line}: ${message} ${text}`);
  if (stacks.length === 0) output.note("No kernel stack in this text.");
}

/** The fields are a contract with scripts. */
const stackJson = (stack: Stack): object => ({
  ...stack,
  marks: stackMarks(stack),
  frames: stack.frames.map((frame, index) => ({ ...frame, line: stack.lines[index], marks: frameMarks(frame) })),
});

function stackText(output: Output, stack: Stack): readonly string[] {
  const facts = [stack.format, stack.build, stack.buildId && `build id ${stack.buildId}`, stack.count === undefined ? undefined : `seen ${stack.count}×`, ...stackMarks(stack)];
  return [paint(output, "bold", `line ${stack.line}: ${facts.filter((fact) => fact !== undefined).join(", ")}`), ...stack.frames.map((frame) => frameText(output, frame))];
}

function frameText(output: Output, frame: StackFrame): string {
  const place = frame.source === undefined ? "" : `  ${frame.source.file}:${frame.source.line}`;
  const marks = frameMarks(frame).filter((mark) => mark !== "unreliable" && mark !== "name-only");
  const behind = [...(frame.kind === "inlined" ? ["inlined"] : []), ...marks].join(", ");
  return `    ${frame.reliable ? "" : "? "}${formatFrame(frame)}${place}${behind === "" ? "" : `  ${paint(output, "dim", behind)}`}`;
}
