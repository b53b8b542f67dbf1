import { countersCommand } from "./commands/counters";
import { listenersCommand } from "./commands/listeners";
import { socketsCommand } from "./commands/sockets";
import { runProgram } from "./runProgram";

export { openFlaggedSockets } from "./openFlaggedSockets";

export function runSocketCommands(): void {
  runProgram([listenersCommand(), socketsCommand(), countersCommand()]);
}
