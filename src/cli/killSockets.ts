import { DomainError } from "../base/errors";
import { closingEffect, destroySummary, whyNotDestroyable, type DestroyResult } from "../collectors/destroySockets";
import type { SocketRow } from "../collectors/socketModel";
import type { SocketHost } from "../session/socketQueries";
import type { Protocol } from "../sockdiag/protocols";
import { endpointText } from "../collectors/endpointText";
import { paint, type Output } from "./output";
import { ask } from "./terminalPrompts";

interface KillRequest {
  readonly host: SocketHost;
  readonly output: Output;
  readonly filter: string;
  readonly protocols: readonly Protocol[];
  /** By --yes. */
  readonly agreed: boolean;
  readonly signal: AbortSignal;
  /** How the command shows sockets. */
  readonly list: (rows: readonly SocketRow[]) => void;
  readonly json: (row: SocketRow) => object;
}

/** Lists the sockets of the filter, asks, closes exactly those by their cookies, and says what became of each. Exit status 1 when one is left. */
export async function killSockets({ host, output, filter, protocols, agreed, signal, list, json }: KillRequest): Promise<void> {
  if (filter.trim() === "") throw new DomainError("cli/kill-everything", "--kill without a filter would close every socket of the host", host.name);
  const { sockets, notes } = await host.sockets({ filter, protocols, details: false }, signal);
  const rows = [...sockets];
  const doomed = rows.filter((row) => whyNotDestroyable(row) === undefined);
  for (const note of [...notes, ...refusals(rows)]) output.note(note);
  if (doomed.length === 0) {
    output.note("No socket matches: nothing was closed.");
    return;
  }
  if (!output.json) list(doomed);
  if (!(agreed || (await confirm(doomed, host.name)))) {
    output.note(`Nothing was closed. --yes closes without asking.`);
    process.exitCode = 1;
    return;
  }
  report(output, json, await host.destroySockets(doomed, signal));
}

async function confirm(doomed: readonly SocketRow[], host: string): Promise<boolean> {
  const what = doomed.length === 1 ? "this socket" : `these ${doomed.length} sockets`;
  const answer = await ask(`Close ${what} on ${host}? ${closingEffect(doomed)} [y/N] `, true);
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}

function refusals(rows: readonly SocketRow[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const why = whyNotDestroyable(row);
    if (why !== undefined) counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return [...counts].map(([why, count]) => `${count} of the sockets cannot be closed: ${why}.`);
}

function report(output: Output, json: KillRequest["json"], results: readonly DestroyResult[]): void {
  for (const { socket, outcome, text } of results) {
    if (output.json) output.object({ ...json(socket), outcome, message: text });
    else if (outcome !== "closed" && outcome !== "gone") output.line(`${endpointText(socket.local)} → ${endpointText(socket.remote)}: ${paint(output, "yellow", text)}`);
  }
  output.note(destroySummary(results));
  if (results.some(({ outcome }) => outcome !== "closed" && outcome !== "gone")) process.exitCode = 1;
}
