import { basename } from "node:path";
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { Analysis } from "../../bpflang/analysis";
import { check } from "../../bpflang/check";
import type { Finding } from "../../bpflang/finding";
import { parseProgram } from "../../bpflang/parseProgram";
import { describeError, DomainError } from "../../base/errors";
import type { Host } from "../../session/host";
import { loadTargetKnowledge } from "../../session/targetKnowledge";
import { paint, type Output } from "../output";
import { addDebuginfoOptions, addHostOptions, parseDuration, withHost, type HostFlags } from "../withHost";

export function bpfCommand(): Command {
  return new Command("bpf").description("bpftrace programs: checked against a host's kernel and bpftrace, or run there").addCommand(checkCommand()).addCommand(runCommand());
}

interface CheckFlags extends HostFlags {
  readonly compile: boolean;
}

function checkCommand(): Command {
  const command = new Command("check")
    .description("what is wrong with a program on a host: its own functions, types and bpftrace decide; nothing is loaded there")
    .argument("<file...>", "bpftrace programs, FILE.bt")
    .option("--no-compile", "without asking the host's own bpftrace");
  return addHostOptions(command).action(async (files: readonly string[], flags: CheckFlags) => {
    await withHost(flags, async (host, output, signal) => {
      output.progress("Reading what can be traced there");
      const knowledge = await loadTargetKnowledge(await host.knowledge(signal));
      let errors = 0;
      for (const file of files) {
        const text = await readProgram(file);
        output.progress(`Checking ${basename(file)}`);
        const own = check(new Analysis(parseProgram(text), { ...knowledge, name: host.name }));
        const compiled = flags.compile ? await compile(host, text, output, signal) : [];
        const findings = [...own.map((finding) => ({ ...finding, source: "knetscope" })), ...compiled.filter((other) => !own.some((finding) => isSame(finding, other))).map((finding) => ({ ...finding, source: "bpftrace" }))];
        for (const finding of findings) print(output, file, text, finding);
        errors += findings.filter(({ severity }) => severity === "error").length;
      }
      if (errors > 0) process.exitCode = 1;
    });
  });
}

/** A host without bpftrace, or without the right to use it, still has a kernel to compare with. */
async function compile(host: Host, text: string, output: Output, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await host.checkProgram(text, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    output.note(`Its own bpftrace was not asked: ${describeError(error)}`);
    return [];
  }
}

/** Ours says the same with a way out. */
const isSame = (own: Finding, other: Finding): boolean => own.severity === "error" && own.start < Math.max(other.end, other.start + 1) && other.start < Math.max(own.end, own.start + 1);

async function readProgram(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new DomainError("cli/no-file", error instanceof Error ? error.message : String(error), file);
  }
}

/** The fields are a contract with scripts. Lines and columns from 1; columns count characters, the end is exclusive. */
function print(output: Output, file: string, text: string, { start, end, severity, message, code, source }: Finding & { readonly source: string }): void {
  const [from, to] = [placeOf(text, start), placeOf(text, end)];
  if (output.json) {
    output.object({ file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column, severity, message, code, source });
    return;
  }
  const color = severity === "error" ? "red" : severity === "warning" ? "yellow" : "blue";
  output.line(`${paint(output, "bold", `${file}:${from.line}:${from.column}`)}: ${paint(output, color, severity)}: ${message.replace(/\n/g, " ")}`);
  const line = text.split("\n")[from.line - 1] ?? "";
  const width = from.line === to.line ? Math.max(1, to.column - from.column) : Math.max(1, line.length - from.column + 1);
  output.line(`    ${line.replace(/\t/g, " ")}`);
  output.line(`    ${" ".repeat(from.column - 1)}${paint(output, color, "^".repeat(width))}`);
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

interface RunFlags extends HostFlags {
  readonly duration?: number;
  readonly unsafe: boolean;
}

function runCommand(): Command {
  const command = new Command("run")
    .description("run a program on a host: stacks with their source lines, maps as tables and histograms; Ctrl-C ends it")
    .argument("<file>", "a bpftrace program, FILE.bt")
    .option("--duration <time>", "end after this time, such as 10s", parseDuration)
    .option("--unsafe", "let the program change what it looks at: system(), signal(), override()", false);
  return addDebuginfoOptions(addHostOptions(command)).action(async (file: string, flags: RunFlags) => {
    await withHost(flags, async (host, output, signal) => {
      const text = await readProgram(file);
      output.progress(`Starting bpftrace on ${host.name}`);
      let timer: NodeJS.Timeout | undefined;
      const running = await host.runProgram({
        text,
        unsafe: flags.unsafe,
        onOutput: (result, lines) => {
          if (output.json) output.object(result);
          else if (result.kind === "attached") output.note(`${lines.join(" ")} attaching; Ctrl-C ends it.`);
          else if (result.kind === "problem" || result.kind === "lost") lines.forEach((line) => output.note(line));
          else lines.forEach((line) => output.line(line));
        },
      }, signal);
      if (flags.duration !== undefined) timer = setTimeout(() => void running.stop(), flags.duration);
      await running.ended.finally(() => clearTimeout(timer));
    });
  });
}
