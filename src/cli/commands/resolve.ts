import { Command } from "commander";
import { DomainError } from "../../base/errors";
import { debuginfoLines } from "../../session/debuginfoLines";
import { resolveInFiles } from "../../session/resolveInFiles";
import { resolveStack, withBuildId, type StackOfText } from "../../session/resolveStack";
import { parseFrame } from "../../stacks/parseFrame";
import { parseStacks } from "../../stacks/parseStacks";
import type { Stack, StackFrame } from "../../stacks/stack";
import type { ResolvedFrame } from "../../symbolize/resolvedFrame";
import { interruptBudget, setInterruptBudget } from "../interruptBudget";
import { createOutput, paint, toJson, type Output } from "../output";
import { readInput } from "../readInput";
import { resolvedJson, resolvedLines, stackLines } from "../resolvedFrames";
import { addDebuginfoOptions, addHostOptions, fail, withHost, type HostFlags } from "../withHost";

/** From this many on, code that is optimized pays for the optimizing. */
const manyFrames = 300;

interface ResolveFlags extends HostFlags {
  readonly returnAddress: boolean;
  readonly verbose: boolean;
}

export function resolveCommand(): Command {
  const command = new Command("resolve")
    .description("symbol+offset to file:line with inlined callers; without FRAME, every stack in the text on stdin")
    .argument("[frame...]", "e.g. tcp_v4_rcv+0x536/0xee0, xfrm_input+4154, 'nf_ct_get+0x10 [nf_conntrack]'")
    .option("--verbose", "say on stderr where debuginfo was looked for, and what reading it cost", false)
    .option("--return-address", "look up the call before the address, as for callers in a stack", false);
  return addDebuginfoOptions(addHostOptions(command)).action(async (words: readonly string[], flags: ResolveFlags, self: Command) => {
    try {
      const stacks: readonly AskedStack[] = words.length > 0 ? [{ frames: words.map((word) => frameOf(word, flags.returnAddress)) }] : await stacksOfStdin();
      if (stacks.reduce((sum, stack) => sum + stack.frames.length, 0) > manyFrames) setInterruptBudget(interruptBudget.usual);
      // A file alone is enough; the host would only be asked for the build id, and that of another kernel would be in the way.
      if (flags.vmlinux !== undefined && self.getOptionValueSource("host") === "default") {
        const files = { vmlinux: flags.vmlinux, ...(flags.modules !== undefined && { modules: flags.modules }) };
        const resolved = await resolveInFiles(files, stacks.flatMap((stack) => stack.frames.map((frame) => withBuildId(frame, stack))));
        let next = 0;
        print(createOutput(flags.json), stacks, stacks.map(({ frames }) => resolved.slice(next, (next += frames.length))));
      } else {
        await withHost(flags, async (host, output, signal) => {
          output.progress("Resolving");
          print(output, stacks, await Promise.all(stacks.map((stack) => resolveStack(host, stack, signal))));
          if (flags.verbose) for (const line of (await host.debuginfoUses()).flatMap(debuginfoLines)) output.note(line);
        });
      }
    } catch (error) {
      fail(createOutput(flags.json), error);
    }
  });
}

/** `line`: of a text; frames given as arguments are no stack. */
type AskedStack = StackOfText & Partial<Pick<Stack, "line" | "format">>;

function frameOf(text: string, returnAddress: boolean): StackFrame {
  const frame = parseFrame(text);
  if (!frame) throw new DomainError("cli/bad-frame", `“${text}” is neither symbol+offset[/size] [module] nor an address`);
  return returnAddress ? { ...frame, kind: "return" } : frame;
}

async function stacksOfStdin(): Promise<readonly AskedStack[]> {
  const { stacks } = parseStacks(await readInput(undefined));
  if (stacks.length === 0) throw new DomainError("cli/no-stack", "no kernel stack in this text", "stdin");
  return stacks;
}

function print(output: Output, stacks: readonly AskedStack[], answers: readonly (readonly ResolvedFrame[])[]): void {
  for (const [index, answer] of answers.entries()) {
    const lines = output.json ? answer.map((frame) => toJson(resolvedJson(frame))) : textLines(output, stacks[index], answer, answers.length > 1);
    // Written at once: with many frames a write for each line is a good part of the whole work.
    if (lines.length > 0) output.line(lines.join("\n"));
  }
  if (answers.flat().every((frame) => frame.frames.length === 0 && frame.matches === undefined)) process.exitCode = 1;
}

function textLines(output: Output, stack: AskedStack | undefined, answer: readonly ResolvedFrame[], isOneOfSeveral: boolean): readonly string[] {
  if (stack?.line === undefined) return answer.flatMap((frame) => resolvedLines(output, frame));
  const title = [`line ${stack.line}: ${stack.format ?? "stack"}`, ...(stack.build === undefined ? [] : [`of ${stack.build}`])].join(" ");
  return [...(isOneOfSeveral ? ["", paint(output, "dim", title)] : []), ...stackLines(output, answer.map((frame, index) => marked(frame, stack.frames[index])), "")];
}

/** The kernel's own mark: found on the stack, and perhaps not called from there. */
const marked = (answer: ResolvedFrame, frame: StackFrame | undefined): ResolvedFrame => (frame?.reliable === false ? { ...answer, input: `? ${answer.input}` } : answer);

