import { commands, Disposable } from "vscode";
import type { CommandHandler, Services } from "../services";
import { type CommandId, commandIds, commandTitles } from "./commandTitles";
import { checkBpftrace } from "./bpftrace/checkBpftrace";
import { runBpftrace } from "./bpftrace/runBpftrace";
import { addHost } from "./host/addHost";
import { applyRemedy } from "./host/applyRemedy";
import { checkHost } from "./host/checkHost";
import { connectHost } from "./host/connectHost";
import { debugKernel } from "./host/debugKernel";
import { disconnectHost } from "./host/disconnectHost";
import { forgetPasswords } from "./host/forgetPasswords";
import { loadTcpDiag } from "./host/loadTcpDiag";
import { openHostTerminal } from "./host/openHostTerminal";
import { removeHost } from "./host/removeHost";
import { selectHost } from "./host/selectHost";
import { showListeners } from "./listeners/showListeners";
import { closeSockets } from "./sockets/closeSockets";
import { querySockets } from "./sockets/querySockets";
import { showConnections } from "./sockets/showConnections";
import { goToLocation } from "./source/goToLocation";
import { openSource } from "./source/openSource";
import { openSourceAt } from "./source/openSourceAt";
import { explainStack } from "./stack/explainStack";
import { openFrame } from "./stack/openFrame";
import { probeLine } from "./stack/probeLine";
import { resolveAll } from "./stack/resolveAll";
import { resolveStack } from "./stack/resolveStack";
import { traceFunction } from "./stack/traceFunction";
import { compareTraces } from "./trace/compareTraces";
import { exportEvidence } from "./host/exportEvidence";
import { flameGraph } from "./trace/flameGraph";
import { importTrace } from "./trace/importTrace";
import { logConntrackInvalid } from "./trace/logConntrackInvalid";
import { removeTrace } from "./trace/removeTrace";
import { saveTrace } from "./trace/saveTrace";
import { showTrace } from "./trace/showTrace";
import { stopTrace } from "./trace/stopTrace";
import { traceCallGraph } from "./trace/traceCallGraph";
import { traceDrops } from "./trace/traceDrops";
import { traceKernelFunction } from "./trace/traceKernelFunction";
import { tracePacketPath } from "./trace/tracePacketPath";
import { traceResets } from "./trace/traceResets";
import { copy } from "./view/copy";
import { explain } from "./view/explain";
import { refresh } from "./view/refresh";
import { showLog } from "./view/showLog";

const commandTable: Readonly<Record<CommandId, CommandHandler>> = {
  "knetscope.addHost": addHost,
  "knetscope.connectHost": connectHost,
  "knetscope.disconnectHost": disconnectHost,
  "knetscope.checkHost": checkHost,
  "knetscope.removeHost": removeHost,
  "knetscope.selectHost": selectHost,
  "knetscope.openHostTerminal": openHostTerminal,
  "knetscope.forgetPasswords": forgetPasswords,
  "knetscope.loadTcpDiag": loadTcpDiag,
  "knetscope.applyRemedy": applyRemedy,
  "knetscope.showListeners": showListeners,
  "knetscope.refresh": refresh,
  "knetscope.querySockets": querySockets,
  "knetscope.closeSockets": closeSockets,
  "knetscope.showConnections": showConnections,
  "knetscope.traceResets": traceResets,
  "knetscope.traceDrops": traceDrops,
  "knetscope.logConntrackInvalid": logConntrackInvalid,
  "knetscope.tracePacketPath": tracePacketPath,
  "knetscope.traceCallGraph": traceCallGraph,
  "knetscope.traceKernelFunction": traceKernelFunction,
  "knetscope.stopTrace": stopTrace,
  "knetscope.removeTrace": removeTrace,
  "knetscope.saveTrace": saveTrace,
  "knetscope.importTrace": importTrace,
  "knetscope.compareTraces": compareTraces,
  "knetscope.flameGraph": flameGraph,
  "knetscope.showTrace": showTrace,
  "knetscope.exportEvidence": exportEvidence,
  "knetscope.debugKernel": debugKernel,
  "knetscope.resolveStack": resolveStack,
  "knetscope.traceFunction": traceFunction,
  "knetscope.probeLine": probeLine,
  "knetscope.resolveAll": resolveAll,
  "knetscope.explainStack": explainStack,
  "knetscope.openFrame": openFrame,
  "knetscope.goToLocation": goToLocation,
  "knetscope.openSource": openSource,
  "knetscope.openSourceAt": openSourceAt,
  "knetscope.copy": copy,
  "knetscope.runBpftrace": runBpftrace,
  "knetscope.checkBpftrace": checkBpftrace,
  "knetscope.explain": explain,
  "knetscope.showLog": showLog,
};

/** Registers every command. What one fails with is reported in one place, with a way to try again. */
export function registerCommands(services: Services): Disposable {
  const run = async (id: CommandId, args: readonly unknown[]): Promise<void> => {
    try {
      await commandTable[id](services, ...args);
    } catch (error) {
      services.errors.report(commandTitles[id].replace("…", ""), error, () => run(id, args));
    }
  };
  return Disposable.from(...commandIds.map((id) => commands.registerCommand(id, (...args: unknown[]) => run(id, args))));
}
