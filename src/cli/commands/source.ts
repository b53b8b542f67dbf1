import { Command, InvalidArgumentError } from "commander";
import { paint } from "../output";
import { addDebuginfoOptions, addHostOptions, withHost, type HostFlags } from "../withHost";

interface SourceFlags extends HostFlags {
  readonly context: number;
}

export function sourceCommand(): Command {
  const command = new Command("source")
    .description("kernel source around a line, of the exact build that runs on the host")
    .argument("<file:line>", "e.g. net/ipv4/tcp_ipv4.c:2149", parsePlace)
    .option("--context <lines>", "lines before and after", parseCount, 8);
  return addDebuginfoOptions(addHostOptions(command)).action(async (place: { file: string; line: number }, flags: SourceFlags) => {
    await withHost(flags, async (host, output, signal) => {
      output.progress("Reading the source");
      const source = await host.source(place.file, signal);
      const lines = source.text.split("\n");
      const [first, last] = [Math.max(1, place.line - flags.context), Math.min(lines.length, place.line + flags.context)];
      if (output.json) {
        output.object({ file: source.file, line: place.line, origin: source.origin, match: source.match, firstLine: first, lines: lines.slice(first - 1, last) });
        return;
      }
      output.note(`${source.file} from ${source.origin}${source.message === undefined ? "" : ` (${source.message})`}`);
      for (let line = first; line <= last; line++) {
        const text = `${line === place.line ? ">" : " "} ${String(line).padStart(String(last).length)}  ${lines[line - 1] ?? ""}`;
        output.line(line === place.line ? paint(output, "bold", text) : text);
      }
    });
  });
}

function parsePlace(text: string): { file: string; line: number } {
  const match = /^(.+):(\d+)$/.exec(text);
  if (!match?.[1] || Number(match[2]) < 1) throw new InvalidArgumentError("A place is FILE:LINE, such as net/ipv4/tcp_ipv4.c:2149.");
  return { file: match[1], line: Number(match[2]) };
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is a number of lines.");
  return Number(text);
}
