import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { readStream } from "../../collectors/readStream";
import type { SocketRow, SocketsSnapshot } from "../../collectors/socketModel";
import { killSockets } from "../killSockets";
import { createOutput, known, paint, table, type Output } from "../output";
import { addHostOptions, fail, withHost, type HostFlags } from "../withHost";
import { endpointText, printFindings, processesText } from "./listeners";

interface SocketFlags extends HostFlags {
  readonly from?: string;
  readonly kill: boolean;
}

export function socketsCommand(): Command {
  const command = new Command("sockets")
    .description("sockets, selected in the filter language of ss")
    .argument("[filter...]", "e.g. state established and dport = :443")
    .option("--from <file>", "a raw netlink stream as `ss -D` writes it, instead of a host")
    .option("--kill", "close the sockets of the filter, after listing them and asking (--yes: without asking)", false);
  return addHostOptions(command).action(async (words: readonly string[], flags: SocketFlags) => {
    const filter = words.join(" ");
    if (flags.from !== undefined) {
      await printStream(flags.from, filter, createOutput(flags.json));
      return;
    }
    await withHost(flags, async (host, output, signal) => {
      if (flags.kill) await killSockets({ host, output, filter, agreed: flags.yes, signal, list: (rows) => printRows(output, rows), json: socketJson });
      else printSockets(output, await host.sockets({ filter, details: output.json }, signal));
    });
  });
}

async function printStream(file: string, filter: string, output: Output): Promise<void> {
  try {
    printSockets(output, readStream(await readFile(file), { filter, where: file }));
  } catch (error) {
    fail(output, error);
  }
}

function printSockets(output: Output, snapshot: SocketsSnapshot): void {
  if (output.json) for (const row of snapshot.sockets) output.object(socketJson(row));
  else printRows(output, [...snapshot.sockets]);
  printFindings(output, snapshot.findings);
  for (const note of snapshot.notes) output.note(note);
}

/** The fields are a contract with scripts; null means “not known”. */
export function socketJson(row: SocketRow): object {
  const { netns, recvQ, sendQ, uid, inode, ...rest } = row;
  return { netns: { inode: netns.inode, name: netns.name }, ...rest, recvQ: recvQ ?? null, sendQ: sendQ ?? null, uid: uid ?? null, inode: inode ?? null };
}

function printRows(output: Output, rows: readonly SocketRow[]): void {
  const cells = rows.map((row) => [
    row.netns.name, row.protocol, row.state, known(row.recvQ), known(row.sendQ), endpointText(row.local), endpointText(row.remote), processesText(row.processes),
  ]);
  const right = "right" as const;
  const titles = [
    { title: "NETNS" }, { title: "PROTO" }, { title: "STATE" }, { title: "RECV-Q", align: right }, { title: "SEND-Q", align: right },
    { title: "LOCAL" }, { title: "REMOTE" }, { title: "PROCESS" },
  ];
  const [head = "", ...lines] = table(titles, cells);
  output.line(paint(output, "bold", head));
  for (const line of lines) output.line(line);
}
