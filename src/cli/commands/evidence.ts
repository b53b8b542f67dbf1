import { Command, Option } from "commander";
import { writeFile } from "node:fs/promises";
import { DomainError } from "../../base/errors";
import { evidenceJson } from "../../session/evidence";
import { evidenceMarkdown } from "../../session/evidenceMarkdown";
import { gatherEvidence } from "../../session/gatherEvidence";
import { isTraceJson, parseTrace } from "../../session/savedTrace";
import { readInput } from "../readInput";
import { addDebuginfoOptions, addHostOptions, parseDuration, withHost, type HostFlags } from "../withHost";

interface EvidenceFlags extends HostFlags {
  readonly format: "markdown" | "json";
  readonly trace: readonly string[];
  readonly interval: number;
  readonly out?: string;
}

export function evidenceCommand(): Command {
  const command = new Command("evidence")
    .description("one report that a colleague can read without this tool: findings, listeners, traces with stacks and source lines")
    .addOption(new Option("--format <format>", "of the report").choices(["markdown", "json"]).default("markdown"))
    .option("--trace <file>", "a saved trace to include; may be given several times", (file: string, others: readonly string[]) => [...others, file], [])
    .option("--interval <time>", "between two looks at counters and queues", parseDuration, 5000)
    .option("--out <file>", "instead of stdout");
  return addDebuginfoOptions(addHostOptions(command)).action(async (flags: EvidenceFlags) => {
    await withHost(flags, async (host, output, signal) => {
      const traces = await Promise.all(flags.trace.map(readTrace));
      output.progress(`Looking for ${flags.interval / 1000} s`);
      const report = await gatherEvidence(host, { traces, interval: flags.interval, version: process.env.KNETSCOPE_VERSION ?? "development", signal });
      output.progress("");
      const text = flags.format === "json" || flags.json ? evidenceJson(report) : evidenceMarkdown(report);
      if (flags.out === undefined) process.stdout.write(text);
      else await writeFile(flags.out, text);
      output.note("The report holds addresses, ports and names of processes; it holds no user names, command lines or payloads.");
    });
  });
}

async function readTrace(file: string): Promise<ReturnType<typeof parseTrace>> {
  const text = await readInput(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isTraceJson(value)) throw new DomainError("stacks/bad-trace", "this is no saved trace", file);
  return parseTrace(value);
}
