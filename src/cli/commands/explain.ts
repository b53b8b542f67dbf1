import { Command } from "commander";
import { explainText, type ExplainedStack, type ExplainTextOptions } from "../../session/explainText";
import { givenSources } from "../../session/givenSources";
import { resolveInFiles } from "../../session/resolveInFiles";
import { createOutput, paint, type Output } from "../output";
import { readInput } from "../readInput";
import { resolvedJson, stackLines } from "../resolvedFrames";
import { addDebuginfoOptions, addHostOptions, fail, withHost, type HostFlags } from "../withHost";

const help = `
FILE is a trace that was saved, or any text with stacks (knetscope stacks --help). Resets and dropped packets get a cause; where the call chain alone cannot tell, --vmlinux with
--source, or --host, decide by the source line.`;

export function explainCommand(): Command {
  const command = new Command("explain").description("why: the cause of each reset and drop in a recorded trace or in stacks of any text").argument("[file]", "default: stdin");
  return addDebuginfoOptions(addHostOptions(command)).addHelpText("after", help).action(async (file: string | undefined, flags: HostFlags, self: Command) => {
    const output = createOutput(flags.json);
    try {
      const text = await readInput(file);
      if (self.getOptionValueSource("host") === "default") await explain(output, text, offline(flags));
      else await withHost(flags, (host) => explain(output, text, { resolve: (frames) => host.resolve(frames), readSource: async (path) => (await host.source(path)).text }));
    } catch (error) {
      fail(output, error);
    }
  });
}

/** Without a host there are the files that were named, and nothing to hold them against. */
function offline({ vmlinux, modules, source = [] }: HostFlags): ExplainTextOptions {
  return {
    ...(vmlinux === undefined ? {} : { resolve: (frames) => resolveInFiles({ vmlinux, ...(modules === undefined ? {} : { modules }) }, frames) }),
    ...(source.length === 0 ? {} : { readSource: givenSources(source) }),
  };
}

async function explain(output: Output, text: string, options: ExplainTextOptions): Promise<void> {
  output.progress("Explaining");
  const explained = await explainText(text, options);
  output.progress("");
  for (const item of explained) {
    if (output.json) output.object(explainedJson(item));
    else for (const line of explainedLines(output, item)) output.line(line);
  }
  if (explained.length === 0) output.note("No kernel stack in this text.");
}

/** The fields are a contract with scripts; cause is null for a stack that is of neither a reset nor a drop. */
const explainedJson = ({ line, count, explanation, stack }: ExplainedStack): object => ({
  line: line ?? null, count, cause: explanation?.cause ?? null, alternatives: explanation?.alternatives ?? [], evidence: explanation?.evidence ?? [], citation: explanation?.citation ?? null,
  stack: stack.map(resolvedJson),
});

function explainedLines(output: Output, { line, count, explanation, stack }: ExplainedStack): readonly string[] {
  const place = line === undefined ? `${count}×` : `line ${line}${count > 1 ? `, ${count}×` : ""}`;
  if (!explanation) return ["", `${place}: no cause is known for a stack that begins with ${stack[0]?.input ?? "nothing"}: it neither sends a reset nor drops a packet.`];
  const { cause, evidence, alternatives, citation } = explanation;
  return [
    "",
    `${place}: ${paint(output, "bold", cause.title)}  [${cause.id}, ${cause.confidence}]`,
    `    ${cause.detail}`,
    ...evidence.map((fact) => `    - ${fact}`),
    ...(alternatives.length === 0 ? [] : [`    or: ${alternatives.join(", ")}`]),
    ...(citation === undefined ? [] : [`    decided in ${citation}`]),
    ...stackLines(output, stack, "        "),
  ];
}
