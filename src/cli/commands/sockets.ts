import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { endpointText } from "../../collectors/endpointText";
import { readStream } from "../../collectors/readStream";
import { socketJson } from "../../collectors/socketJson";
import type { SocketRow, SocketsSnapshot } from "../../collectors/socketModel";
import { killSockets } from "../killSockets";
import { socketDetails } from "../socketDetails";
import { adviceFor } from "../../session/advice";
import { FilterError } from "../../sockdiag/filterExpression";
import { filterHint } from "../../sockdiag/filterHint";
import { explainPlan } from "../../sockdiag/filterPlan";
import { parseFilter } from "../../sockdiag/parseFilter";
import { protocols, type Protocol } from "../../sockdiag/protocols";
import { createOutput, known, paint, table, type Output } from "../output";
import { addHostOptions, fail, withSockets, type HostFlags } from "../withHost";
import { printFindings, processesText } from "./listeners";

interface SocketFlags extends HostFlags {
  readonly from?: string;
  readonly kill: boolean;
  readonly protocol: readonly Protocol[];
  readonly explain: boolean;
  readonly processes: boolean;
  readonly details: boolean;
}

export function socketsCommand(): Command {
  const command = new Command("sockets")
    .description("sockets, selected in the filter language of ss")
    .argument("[filter...]", "e.g. state established and dport = :443")
    .option("--from <file>", "a raw netlink stream as `ss -D` writes it, instead of a host")
    .option("-A, --protocol <list>", `of ${protocols.join(", ")}, or all; separated by commas`, parseProtocols, ["tcp", "udp"] as const)
    .option("-d, --details", "everything the kernel tells of each socket, below it: timer, tcp_info, memory, options (--json has it always)", false)
    .option("--explain", "say which part of the filter the kernel ran and which was decided here, and where ss would read it otherwise", false)
    .option("--no-processes", "do not look for the processes: on a host with many open files that is what takes longest")
    .option("--kill", "close the sockets of the filter, after listing them and asking (--yes: without asking)", false);
  return addHostOptions(command).action(async (words: readonly string[], flags: SocketFlags) => {
    const filter = words.join(" ");
    const output = createOutput(flags.json);
    // Nothing is asked of a host, and none connected to, for what cannot be read.
    if (!isReadable(filter, output)) return;
    if (flags.from !== undefined) {
      await printStream(flags.from, filter, output, flags);
      return;
    }
    await withSockets(flags, async (host, _, signal) => {
      if (flags.kill) await killSockets({ host, output, filter, protocols: flags.protocol, agreed: flags.yes, signal, list: (rows) => printRows(output, rows, false), json: socketJson });
      else {
        const query = { filter, details: output.json || flags.details, protocols: flags.protocol, owners: flags.processes };
        printSockets(output, await host.sockets(query, signal), flags);
      }
    });
  });
}

/** Else says what is wrong, where, and what would be right; exit status 2. */
function isReadable(filter: string, output: Output): boolean {
  try {
    parseFilter(filter);
    return true;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { message, position, length } = error;
    output.note(`knetscope: filter, column ${position + 1}: ${message}\n  ${filter}\n  ${" ".repeat(position)}^${"~".repeat(Math.max(0, length - 1))}`);
    output.note(filterHint(error, filter) ?? adviceFor(error) ?? "");
    process.exitCode = 2;
    return false;
  }
}

function parseProtocols(text: string): readonly Protocol[] {
  if (text === "all") return protocols;
  return text.split(",").map((word) => {
    const found = protocols.find((protocol) => protocol === word.trim().toLowerCase());
    if (!found) throw new InvalidArgumentError(`“${word}” is none of ${protocols.join(", ")}.`);
    return found;
  });
}

async function printStream(file: string, filter: string, output: Output, flags: SocketFlags): Promise<void> {
  try {
    printSockets(output, readStream(await readFile(file), { filter, where: file }), { ...flags, protocol: ["tcp"] });
  } catch (error) {
    fail(output, error);
  }
}

/** Aligned together; a million rows as text at once would take more memory than the sockets. */
const BLOCK = 10_000;

function printSockets(output: Output, snapshot: SocketsSnapshot, { explain, protocol, details }: Pick<SocketFlags, "explain" | "protocol" | "details">): void {
  const { sockets } = snapshot;
  // Whom nobody asked for is not known, rather than none.
  const unasked = sockets.surroundings.ownersUnasked ? { processes: null } : {};
  if (output.json) for (const row of sockets) output.object({ ...socketJson(row), ...unasked });
  else for (let from = 0; from === 0 || from < sockets.length; from += BLOCK) printRows(output, blockOf(sockets, from), details, from === 0);
  if (explain) for (const line of explainPlan(snapshot.plan, protocol)) output.note(line);
  printFindings(output, snapshot.findings);
  for (const note of snapshot.notes) output.note(note);
}

const blockOf = (sockets: SocketsSnapshot["sockets"], from: number): SocketRow[] =>
  Array.from({ length: Math.min(BLOCK, sockets.length - from) }, (_, index) => sockets.row(from + index));

/** A unix socket's other end has no address, but its inode is known. */
const remoteText = ({ remote, peerInode }: SocketRow): string => (peerInode === undefined ? endpointText(remote) : `${endpointText(remote)} ${peerInode}`);

function printRows(output: Output, rows: readonly SocketRow[], details: boolean, titled = true): void {
  const cells = rows.map((row) => [
    row.netns.name, row.protocol, row.state, known(row.recvQ), known(row.sendQ), endpointText(row.local), remoteText(row), processesText(row.processes),
  ]);
  const right = "right" as const;
  const titles = [
    { title: "NETNS" }, { title: "PROTO" }, { title: "STATE" }, { title: "RECV-Q", align: right }, { title: "SEND-Q", align: right },
    { title: "LOCAL" }, { title: "REMOTE" }, { title: "PROCESS" },
  ];
  const [head = "", ...lines] = table(titles, cells);
  if (titled) output.line(paint(output, "bold", head));
  lines.forEach((line, at) => {
    const row = rows[at];
    output.line(line);
    if (details && row) for (const more of socketDetails(row)) output.line(paint(output, "dim", `    ${more}`));
  });
}
